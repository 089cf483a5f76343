"""Why a recipient or a submission is refused: a code, its clause, and a sentence in both languages."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeVar

from openmas.domain.content_kinds import ContentKind
from openmas.errors import Fault, Rejected


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason; `clause` is None where no clause of the contract speaks of it."""

    code: str
    clause: str | None
    zh: str
    en: str


# One recipient
ACCEPTED = "accepted"
NUMBER_MALFORMED = "number_malformed"
NUMBER_NOT_MOBILE = "number_not_mobile"
NUMBER_DUPLICATE = "number_duplicate"
NUMBER_ON_BLACK_LIST = "number_on_black_list"
NUMBER_NOT_ON_WHITE_LIST = "number_not_on_white_list"
NUMBER_ON_OPT_OUT_LIST = "number_on_opt_out_list"
NUMBER_TOO_OFTEN = "number_too_often"
SAME_TEXT_TOO_SOON = "same_text_too_soon"
CONSENT_MISSING = "consent_missing"
REFUSED_BY_CARRIER = "refused_by_carrier"
CARRIER_NUMBER_REFUSED = "carrier_number_refused"
CANCELLED = "cancelled"
EXPIRED = "expired"
ACCEPTED_SO_FAR = "accepted_so_far"

# The contract and the client
CLIENT_SUSPENDED = "client_suspended"
STOPPED_FOR_COMPLAINTS = "stopped_for_complaints"
STOPPED_FOR_ARREARS = "stopped_for_arrears"
STOPPED_IN_EMERGENCY = "stopped_in_emergency"
STOPPED_FOR_VIOLATION = "stopped_for_violation"
ADDRESS_BLOCKED = "address_blocked"
CONTRACT_MISSING = "contract_missing"
CONTRACT_NOT_STARTED = "contract_not_started"
CONTRACT_ENDED = "contract_ended"
SEND_AFTER_TERM = "send_after_term"
HANGS_ON_RENEWAL = "hangs_on_renewal"
DOCUMENT_EXPIRED = "document_expired"
ACCESS_CODE_EXPIRED = "access_code_expired"
SERVICE_NOT_BOUGHT = "service_not_bought"
CATEGORY_NOT_ALLOWED = "category_not_allowed"

# Port and signature
PORT_UNKNOWN = "port_unknown"
PORT_FOR_OTHER_PURPOSE = "port_for_other_purpose"
PORT_EXPIRED = "port_expired"
PORT_CLOSED = "port_closed"
SIGNATURE_UNKNOWN = "signature_unknown"
SIGNATURE_STOPPED = "signature_stopped"
SIGNATURE_UNPROVED = "signature_unproved"
SIGNATURE_NOT_FOR_PORT = "signature_not_for_port"
SIGNATURE_ENGLISH_ONLY = "signature_english_only"
SIGNATURE_WRONG = "signature_wrong"
# What the contract limits
UNITS_BEYOND_DAY = "units_beyond_day"
UNITS_BEYOND_MONTH = "units_beyond_month"
UNITS_BEYOND_BUNDLE = "units_beyond_bundle"
UNITS_BEYOND_TRIAL = "units_beyond_trial"
UNITS_NEAR_DAY_STOP = "units_near_day_stop"
UNITS_NEAR_MONTH_STOP = "units_near_month_stop"
REQUESTS_TOO_FAST = "requests_too_fast"
RECIPIENTS_TOO_MANY = "recipients_too_many"
OUTSIDE_MARKETING_HOURS = "outside_marketing_hours"
WAITS_FOR_MARKETING_HOURS = "waits_for_marketing_hours"

# What is to be sent
TEMPLATE_UNKNOWN = "template_unknown"
TEMPLATE_NOT_PASSED = "template_not_passed"
TEMPLATE_STOPPED = "template_stopped"
TEMPLATE_MALFORMED = "template_malformed"
TEMPLATE_REQUIRED = "template_required"
PARAMETERS_WRONG = "parameters_wrong"
TEXT_EMPTY = "text_empty"
TEXT_TOO_LONG = "text_too_long"
TEXT_HAS_SIGNATURE = "text_has_signature"
CONTENT_REFUSED = "content_refused"
CONTENT_HELD = "content_held"
CONTENT_NEEDS_REVIEW = "content_needs_review"

# Lists
LIST_FROZEN = "list_frozen"
OPT_OUTS_REPLACED = "opt_outs_replaced"
ENTRY_FROZEN = "entry_frozen"
LIST_TOO_LONG = "list_too_long"
LIST_BEYOND_SHEET = "list_beyond_sheet"
LISTS_TOO_MANY = "lists_too_many"
SCOPE_UNKNOWN = "scope_unknown"
CONSENT_MISPLACED = "consent_misplaced"
BASIS_UNKNOWN = "basis_unknown"
CONSENT_INCOMPLETE = "consent_incomplete"
FILE_TOO_FAULTY = "file_too_faulty"
LINE_DOUBLE = "line_double"

# Files that are handed in
NUMBER_SCIENTIFIC = "number_scientific"
CELL_FORMULA = "cell_formula"
CELL_ERROR = "cell_error"
CELL_DATE = "cell_date"
CELL_UNFIT = "cell_unfit"
ROW_HIDDEN = "row_hidden"
COLUMN_MISSING = "column_missing"
COLUMN_AMBIGUOUS = "column_ambiguous"
VARIABLE_COLUMN_MISSING = "variable_column_missing"
VARIABLE_GIVEN_TWICE = "variable_given_twice"
RECIPIENTS_BEYOND = "recipients_beyond"
VALIDITY_OVER = "validity_over"
COLUMNS_TOO_MANY = "columns_too_many"
ROWS_TOO_MANY = "rows_too_many"
LINE_TOO_LONG = "line_too_long"
QUOTES_WRONG = "quotes_wrong"
FILE_EMPTY = "file_empty"
FILE_NOT_TEXT = "file_not_text"
FILE_NOT_XLSX = "file_not_xlsx"
FILE_ENCODING_UNKNOWN = "file_encoding_unknown"
FILE_DAMAGED = "file_damaged"
FILE_TOO_LARGE = "file_too_large"

_CATALOGUE = """
accepted | 2.1.1 | The contract in force lets this be sent to this recipient. | 按生效合同可以向该号码发送，已受理。
accepted_so_far | 2.1.1 | Accepted with its file: content, limits and lists are asked again when it becomes a message. | 已随文件受理；生成短信时还将核对内容、限额和名单。
number_malformed | – | This cannot be read as a number: write the 11 digits of a mainland mobile, with +86 if you like. | 号码格式不正确：请填写 11 位中国大陆手机号码，可带 +86。
number_not_mobile | – | This is no mainland mobile number: those begin with 13 to 19. | 不是中国大陆手机号码：手机号码以 13 至 19 开头。
number_duplicate | 11.3.17 | The number stands in this submission already; it gets the message once. | 该号码在本次提交中重复，只发送一次。
number_on_black_list | 2.1.1 | The number is on the black list, to which this service does not send. | 该号码在黑名单中，本业务不向其发送。
number_not_on_white_list | 2.1.1 | The number is not on the white list, and this service sends to listed numbers only. | 该号码不在白名单中，本业务只向白名单号码发送。
number_on_opt_out_list | 2.1.16 | The recipient has opted out and gets nothing more but verification messages. | 该用户已回复退订，除验证码外不再向其发送。
number_too_often | 11.3.17 | The number has had, or is to have, as many messages of this category as the contract allows in so short a time. | 该号码在规定时间内接收的同类短信已达合同上限。
same_text_too_soon | 11.3.17 | The number has had, or is to have, this very text within the time in which the contract forbids to repeat it. | 该号码在规定时间内已接收过相同内容的短信，不得重复发送。
refused_by_carrier | – | The carrier refused the whole call; its own code says why. | 运营商拒绝了本次发送，原因见运营商代码。
carrier_number_refused | – | The carrier refused this number; its own code says why. | 运营商拒绝了该号码，原因见运营商代码。
cancelled | – | The client cancelled it before it was sent. | 客户在发送之前取消了本条短信。
expired | – | It was not sent: its validity ended before it could be offered to a carrier. | 未发送：在提交运营商之前，短信有效期已过。
client_suspended | 2.2.3 | The client's service is suspended: please talk to the operator. | 贵单位的服务已被暂停，请与运营方联系。
stopped_for_complaints | 2.1.6 | Recipients complained too often, so messages of this category, or by this template, are stopped until the operator lifts that. | 因用户投诉过多，该类别或该模板的短信已停止发送，须由运营方恢复。
stopped_for_arrears | 2.2.3 | Payment is overdue, so messages of this category are stopped until it is settled. | 因逾期未缴费用，该类别短信已暂停发送，缴清后恢复。
stopped_in_emergency | 11.9 | The operator has stopped messages of this category at once, for the safety of the network. | 为保障网络安全，运营方已紧急停止该类别短信。
stopped_for_violation | 11.14 | The operator has stopped messages of this category, as the rules of information security were broken. | 因违反信息安全规定，运营方已停止该类别短信。
address_blocked | 11.9 | The operator has blocked the address that you call from: please talk to the operator. | 运营方已封禁该来源地址，请与运营方联系。
send_after_term | 9 | The contract's term is surely over when this is to be sent: send it earlier, or renew the contract. | 定时发送时间在合同期满之后，且合同届时不会续期；请提前发送或续签合同。
hangs_on_renewal | 9 | Accepted, but it is to be sent after the present term: it goes only if the contract renews itself. | 已受理，但定时发送时间在本合同期之后：合同续期后才会发送。
contract_missing | 2.1.1 | No contract of this client has been activated and taken effect, so nothing may be sent. | 没有已生效的合同，不能发送。
contract_not_started | 9 | The contract's term has not begun, so nothing may be sent yet. | 合同期限尚未开始，不能发送。
contract_ended | 9 | The contract's term is over, so nothing may be sent until it is renewed. | 合同期限已届满，不能再发送；请续签合同。
document_expired | A2.2 | A document that the contract asks for has expired or was withdrawn, and the days to mend that are over: hand in a new one. | 合同要求的资质材料已过期或已撤回，且超过整改期限，不能发送；请提交新的材料。
access_code_expired | 2.1.8 | The contract's access code is no longer valid: have it renewed, and the contract changed. | 合同的接入代码已过有效期，不能发送；请续期并变更合同。
service_not_bought | 2.1.1 | The contract does not include this service: choose one that it does, or have the contract changed. | 合同未包含该业务类型，请选择合同内的业务类型或变更合同。
category_not_allowed | 2.1.7 | The contract does not let this port be used for messages of this category. | 合同不允许用本端口发送该类别的短信。
port_unknown | 2.1.7 | This port is not registered for you: name one of yours, or none. | 该端口未登记在贵单位名下：请填写本单位的端口，或不填。
port_for_other_purpose | 2.1.7 | This port is registered for another purpose: each port serves messages of one category only. | 该端口登记为其他用途：每个端口只能发送一个类别的短信。
port_expired | 2.1.8 | This port's validity has ended: have it renewed by the operator. | 该端口已过有效期，请与运营方办理续期。
port_closed | 2.1.6 | This port is closed by the operator for now: please talk to the operator. | 该端口已被运营方暂时关闭，请与运营方联系。
signature_unknown | 2.1.9 | There is no such signature in use: register it first, and wait until it is passed. | 没有可用的该签名：签名须先登记并审核通过。
signature_stopped | 2.1.9 | The operator has stopped this signature: choose another one. | 该签名已被运营方停用，请使用其他签名。
signature_unproved | 2.1.9 | The document that proves this signature has expired or was withdrawn, and the days to mend that are over: hand in a new one, or choose another signature. | 该签名的证明文件已过期或已撤回，且超过整改期限，不能使用；请提交新的证明文件，或使用其他签名。
signature_not_for_port | 2.1.9 | This port may not carry this signature: choose another one, or have it allowed for the port. | 该端口不允许使用该签名：请更换签名，或申请该端口使用此签名。
signature_english_only | 2.1.9 | An English signature stands before pure English texts only: choose a Chinese one. | 英文签名只能用于纯英文短信，请使用中文签名。
signature_wrong | 2.1.9 | This cannot be a signature: it takes 3 to 8 Han characters of your full name, or a proof. | 签名不符合要求：应为 3 至 8 个汉字、取自单位全称，或附证明材料。
units_beyond_day | A1 | The day's units do not suffice: of a request nothing is taken, of a file no more than was cut before; send less, or on another day. | 当日可用条数不足：请求整体不受理，文件只发送此前已分批的部分；请减少条数或改日发送。
units_beyond_month | A1 | The month's units do not suffice: of a request nothing is taken, of a file no more than was cut before; send less, or have the contract changed. | 当月可用条数不足：请求整体不受理，文件只发送此前已分批的部分；请减少条数或变更合同。
units_beyond_bundle | A1 | What is left of the bundle does not suffice, and the contract sends nothing beyond it: of a request nothing is taken, of a file no more than was cut before. | 合同年度套餐余量不足，且合同约定超出套餐不再发送：请求整体不受理，文件只发送此前已分批的部分。
units_beyond_trial | 3.1.1 | What is left of the trial's units does not suffice, and the contract sends nothing beyond them: of a request nothing is taken, of a file no more than was cut before. | 试用条数余量不足，且合同约定超出后不再发送：请求整体不受理，文件只发送此前已分批的部分。
units_near_day_stop | A1 | The day's units come to the level at which the contract warns. | 当日已用条数达到合同约定的预警线。
units_near_month_stop | A1 | The month's units come to the level at which the contract warns. | 当月已用条数达到合同约定的预警线。
requests_too_fast | 2.2.5 | The contract allows fewer requests in a second: send this one again a little later, and more recipients in one. | 请求频率超过合同约定的上限，请稍后重试，并尽量合并提交。
recipients_too_many | – | The contract lets a request have fewer recipients: send several requests, or a file. | 一次提交的号码数超过合同约定的上限，请分次提交或使用文件提交。
outside_marketing_hours | 11.3.17 | Marketing goes out within the contract's hours only: send it after they open. | 营销短信只能在合同约定的时段内发送，请在开始时段后提交。
waits_for_marketing_hours | 11.3.17 | Accepted, but marketing goes out within the contract's hours only: it waits until they open. | 已受理，但营销短信只能在合同约定的时段内发送，将等到开始时段再发送。
template_unknown | 2.1.11 | There is no such template: hand it in for review first. | 没有该模板：模板须先报审并通过。
template_not_passed | 2.1.11 | The template has not passed its review: wait for the verdict, or hand in another version if it was refused. | 该模板尚未通过审核：请等待审核结果；如被退回，请修改后重新报审。
template_stopped | 2.1.11 | The template was stopped, so nothing more is sent by it: hand in another version for review. | 该模板已停用，不再发送；请将新版本报审。
template_required | 2.1.11 | The template service sends reviewed templates only, no texts of your own. | 模板短信业务须使用已报审的模板，不能发送自由文本。
template_malformed | 2.1.11 | The template cannot be read: variables are written {name}, and braces serve for nothing else. | 模板格式不正确：变量写作 {name}，花括号须成对。
parameters_wrong | 2.1.11 | The parameters do not fit the template: give each variable one value that it may take. | 模板参数不正确：每个变量都要有值，且符合长度和字符要求。
text_empty | – | There is no text to send. | 短信内容为空。
text_too_long | – | The text is too long: with signature and opt-out words it may have 500 characters. | 短信过长：连同签名和退订用语最多 500 个字符。
text_has_signature | 2.1.9 | The text carries a signature at its start or end: the platform adds yours, so leave the 【】 out. | 内容开头或结尾已有签名：平台会自动加上签名，请删去内容中的【】。
consent_missing | 2.1.10 | Marketing goes only to those who have agreed: list the number on a white list with its consent (only lists limited to verification or notices go without), or state the consent in the submission. | 营销短信只能发给已同意接收的用户：请将号码连同同意依据列入白名单（仅限验证码类或通知类的白名单可不填），或在提交时注明同意依据。
consent_misplaced | 2.1.10 | Only a white list carries consent: leave it out for any other list. | 只有白名单记录同意信息：其他名单请勿填写同意依据和凭证。
basis_unknown | 2.1.10 | This is no basis of consent: write employee, customer, registered, written or asked. | 无法识别的同意依据：请填写员工、客户、注册、书面或本人要求。
consent_incomplete | 2.1.10 | A consent takes both its basis and its evidence. | 同意信息不完整：同意依据和凭证须同时填写。
opt_outs_replaced | 2.1.16 | A file that takes the place of an opt-out list would strike recipients who are not named in it: use add, or remove with a reason. | 退订名单不能整体替换，以免误删用户的退订：请用 add 增加，或用 remove 逐个删除并说明原因。
list_frozen | 2.1.12 | The operator has frozen this list: nothing can be struck from it. | 该名单已被运营方冻结，不能从中删除号码。
entry_frozen | 2.1.12 | The operator has frozen this entry: it cannot be struck. | 该号码已被运营方冻结，不能删除。
list_too_long | – | The list is as long as a list may be. | 名单已达到最大长度。
list_beyond_sheet | – | The list has more entries than a sheet has rows: export it as CSV. | 名单条数超过一个工作表的行数：请导出为 CSV 文件。
lists_too_many | – | There are 48 lists that are limited to a signature, and there may be no more: use one of them, or a list that counts for all. | 限于单个签名的名单已达 48 个上限：请使用已有名单，或不限签名的名单。
scope_unknown | 2.1.9 | A list is limited to no signature but those that you have registered or that your contract names. | 名单只能限于已登记或合同约定的签名。
content_held | 11.2 | A person has to look at the content before anything of it is sent. | 内容须经人工审核，通过后方可发送。
content_refused | 11.3 | The text holds what clause 11.3 forbids, by the operator's words or by whoever looked at it. | 内容含有合同第十一条（三）禁止的信息：由敏感词库或人工审核判定。
content_needs_review | 11.2 | A person must look at what stands in this line before it is sent: send it in a request of its own. | 本行内容需人工审核后方可发送：请另行单独提交。
file_too_faulty | – | Too many lines of the file are wrong, so nothing was changed: correct them and upload the file again. | 文件中错误的行过多，名单未作任何更改：请改正后重新上传。
line_double | – | The number stands further up in the file already; it counts once. | 该号码在文件前面已出现，只计一次。
number_scientific | – | The spreadsheet program has cut the number short, as in 1.38E+10: format the column as text and enter the numbers again. | 号码被表格软件写成了科学计数法（如 1.38E+10），已丢失数字：请把该列设为文本格式后重新填写。
cell_formula | – | The cell holds a formula, which is never evaluated here: write its value. | 单元格含有公式，平台不会计算公式：请直接填写数值。
cell_error | – | The cell holds an error of the spreadsheet program. | 单元格是表格软件的错误值，请改正。
cell_date | – | The cell is formatted as a date: format the column as text and write what you mean. | 单元格为日期格式：请把该列设为文本格式后填写。
cell_unfit | – | The cell holds a line break, another control character, or more than 200 characters. | 单元格含有换行等控制字符，或超过 200 个字符。
row_hidden | – | The row is hidden in the sheet, by a filter or by hand, so nobody has seen it there: show it, or delete it. | 该行在工作表中被隐藏（筛选或手动隐藏）：请取消隐藏，或删除该行。
column_missing | – | No column is headed by a name for numbers, other than those of the template's variables: call one of them number. | 找不到号码列（与模板变量同名的列不算号码列）：请将其中一列的表头命名为“号码”。
column_ambiguous | – | More than one column may be meant: call the one of the recipients number and no other so, and head no two columns alike. | 无法确定使用哪一列：请仅将接收号码列的表头命名为“号码”，且各列表头不得重复或近似。
columns_too_many | – | The table is too wide: it may have 100 columns. | 列数过多：最多 100 列。
rows_too_many | – | The table has more than 1,048,576 rows: cut it into several files. | 行数过多：最多 1,048,576 行，请拆分成多个文件。
line_too_long | – | The line is far too long for a row of a table. | 该行过长，不像是表格中的一行。
quotes_wrong | – | The quotation marks do not match: a cell that begins with one ends with one, and inside it they are doubled. | 引号不配对：以引号开头的单元格须以引号结尾，其中的引号须写两次。
variable_column_missing | 2.1.11 | A variable of the template has no column in the file: head one with its name, or give one value for all. | 文件中缺少模板变量对应的列：请用变量名作表头，或在请求中给出统一的值。
variable_given_twice | 2.1.11 | The request has one value for all of every variable, and the file a column for one of them: leave out one or the other. | 请求中已为所有变量给出统一的值，而文件中又有变量对应的列：两者只能保留其一。
recipients_beyond | – | A file makes a batch of 1,000,000 messages at most, and this line is beyond them. | 一个文件最多形成 1,000,000 条短信，本行超出上限。
validity_over | – | The rest of the file was not sent, as the validity of the batch was over. | 批次有效期已过，文件中其余号码未发送。
file_empty | – | There is nothing in the file. | 文件中没有内容。
file_not_text | – | This is no CSV file: it holds bytes that no text has. | 不是 CSV 文件：其中含有文本不会有的字节。
file_not_xlsx | – | This is no XLSX file: save it as .xlsx, without a password. | 不是 XLSX 文件：请另存为 .xlsx 格式，不要设置密码。
file_encoding_unknown | – | The encoding of the text cannot be told: save it as UTF-8. | 无法识别文件编码：请另存为 UTF-8 编码。
file_damaged | – | The file is damaged or not made by a spreadsheet program: save it again. | 文件已损坏，或不是由表格软件生成：请重新保存后上传。
file_too_large | – | The file is too large, or unpacks to far more than a table needs. | 文件过大，或解压后远超过表格应有的大小。
"""


def _reason(row: str) -> Reason:
    code, clause, en, zh = row.split(" | ")
    return Reason(code, None if clause == "–" else clause, zh, en)


REASONS: Mapping[str, Reason] = MappingProxyType(
    {reason.code: reason for reason in map(_reason, _CATALOGUE.strip().splitlines())}
)


def content_refused(kind: ContentKind) -> str:
    """What is kept of a refusal for one kind of content: the code, and the kind behind a point."""
    return f"{CONTENT_REFUSED}.{kind.value}"


def code_of(kept: str) -> str:
    """The code in what is kept of a refusal."""
    return kept.partition(".")[0]


_OF_KINDS = MappingProxyType(
    {
        content_refused(kind): Reason(
            CONTENT_REFUSED,
            kind.clause,
            f"内容含有合同第十一条（三）{kind.value}禁止的信息：{kind.zh}。",
            f"The text holds what clause {kind.clause} forbids: {kind.en}.",
        )
        for kind in ContentKind
    }
)


def kept_of(code: str, clause: str | None) -> str | None:
    """What is kept of a refusal that is told by this code and clause; None for a code that is no reason."""
    told = (each for each, kind in _OF_KINDS.items() if (kind.code, kind.clause) == (code, clause))
    return next(told, code if code in REASONS else None)


def reason_of(kept: str) -> Reason:
    """The reason that is kept of a refusal; of a kind of content, with its own clause and sentences."""
    return _OF_KINDS.get(kept) or REASONS[kept]


Rejection = TypeVar("Rejection", bound=Rejected)


def rejected(kind: type[Rejection], code: str, faults: tuple[Fault, ...] = ()) -> Rejection:
    """The error of this kind that says the reason, with its clause."""
    reason = REASONS[code]
    return kind(code, reason.en, reason.clause, faults)
