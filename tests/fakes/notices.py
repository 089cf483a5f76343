"""Two hundred notices as offices, hospitals, banks and schools send them, and what nearly is a link."""

from itertools import islice, product

_WHERE = ("塔城市第一社区卫生服务中心", "城南门诊部", "新城街道办事处", "第三中学", "市人民医院体检科")
_WHEN = ("11月28日上午9:00", "下周一（12月1日）", "本周五14时30分", "2025年12月3日", "即日起至月底")
_TEXTS = (
    "{where}定于{when}开展流感疫苗接种，请携带身份证和接种证按时前往，接种后请留观30分钟。",
    "您预约的{where}核磁共振检查时间为{when}，请提前4小时禁食，如需改期请拨打12320。",
    "【温馨提示】{when}起{where}将停水检修，请提前储水；给您带来不便，敬请谅解！",
    "尊敬的家长：{where}将于{when}召开家长会，请准时参加，出入请出示二维码。",
    "反诈提醒：凡是要求转账到“安全账户”、刷单返利的都是诈骗，请勿轻信。{where}，{when}。",
    "禁毒宣传：珍爱生命，远离冰毒、海洛因等毒品。讲座时间：{when}，地点：{where}。",
    "严禁黄、赌、毒。{where}将于{when}开展法治讲座，欢迎参加；不信谣、不传谣。",
    "您尾号8086的储蓄卡{when}入账人民币1,000.00元，余额1,808.10元。如有疑问请到{where}咨询。",
    "验证码491823，5分钟内有效，请勿泄露。{where}{when}。",
    "Dear parents: the meeting at {where} is on {when}. Essex School sextet, analysis class. Bring your ID!",
    "高温橙色预警：预计{when}最高气温37℃，请减少户外活动，注意防暑。{where}。",
    "医保缴费通知：{when}前请在国家医保服务平台或{where}缴费，居民每人400元；逾期不能享受待遇。",
    "消防演练：{where}{when}将进行疏散演练，请听从指挥、不要惊慌、不要乘坐电梯。",
    "招聘公告：{where}招聘护士3名，面试时间{when}，请携带毕业证、护士执业证原件。",
    "核酸检测结果：阴性（－）。报告请于{when}后到{where}自助机打印。",
    "图书馆通知：您借阅的《红楼梦》《射雕英雄传》将于{when}到期，请到{where}归还或续借。",
)

# What comes as near to a link or a telephone number as an ordinary text does.
NEAR_MISSES = (
    "1.健康监测；2.信息登记；3.食品安全检查",
    "A.健康 B.娱乐",
    "1.健康/疾病知识",
    "共1,380,013,800元",
    "阿不都丶买买提",
    "一.信息报送 二.商标注册",
    "1. 世界地图",
    "上午8点App预约",
    "上午8点me",
    "请于9点link到会",
    "3点shop见",
    "已完成。App已更新",
    "您好。VIP客户请到二楼",
    "您好。中国移动提醒",
    "请注意。健康第一",
    "好的。香港。",
    "来自政府。信息公开",
    "です。ありがとう",
    "コーヒー。ミルク",
    "点com机",
    "请到网点cnc车间",
    "1、3、5、7、9、11、13、15栋停水",
    "1、3、5、6、7、8、9、10、11号楼",
    "1801、1802、305室",
    "138、1500、1800元三档",
    "1/3、1/4和1/5",
    "2025/11/24～2025/12/03",
    "13:00~15:30",
    "❶请带证件❷请带照片❸请空腹",
    "⓵上午⓶下午",
    "oil 100 lol",
    "第1科OLOLO",
    "$100 off",
)


def ordinary_notices() -> list[str]:
    """Two hundred different ones."""
    made = (text.format(where=where, when=when) for where, when, text in product(_WHERE, _WHEN, _TEXTS))
    return list(islice(dict.fromkeys(made), 200))
