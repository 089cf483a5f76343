"""One day of a client: what it sends, forbids and hears back, through the API alone."""

from __future__ import annotations

import secrets
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from infra.local import expect
from infra.local.api import Api, Document
from infra.local.expect import Sent, mobile, units_of
from infra.local.fault import LocalFault
from infra.local.operators import CODE_PORT, Operator
from infra.local.show import Screen, Step

# The slowest receipt of the day comes after 20 s.
SETTLED_WITHIN_S = 75
# By then the day has moved on to other things; the emulator looks at its schedules every 10 s.
LATER_S = 15
_NOTICE = (
    "{place}定于{day}开展流感疫苗接种服务，请携带身份证和接种证按时前往，接种后请留观三十分钟；"
    "如有发热等不适请改期，咨询可致电本中心。"
)
TEMPLATES = {
    "vaccine-notice": ("notice", _NOTICE),
    "login-code": ("verification", "您的验证码是{code}，五分钟内有效，请勿告诉他人。"),
}
_PLACES = {"place": "塔城市第一社区卫生服务中心", "day": "十一月二十八日上午"}
_CODE = {"code": "482913"}
SIGNATURE = "疾病控制中心"
# As people write numbers; the last five cannot be sent to.
_AS_WRITTEN = (
    *("13800130100", "138 0013 0101", "+8613800130102", "１３８００１３０１０３", "0086-138-0013-0104"),
    *("13800130100", "138001301", "99800130105", "13800130106 home", "1380013010B"),
)
_UNSENDABLE = {
    5: "number_duplicate",
    6: "number_malformed",
    7: "number_not_mobile",
    8: "number_malformed",
    9: "number_malformed",
}


@dataclass
class Day:
    """The client's side of the day. Shape: `live` and `test` are the API for the client's two keys."""

    live: Api
    test: Api
    operator: Operator
    screen: Screen
    sent: list[Sent] = field(default_factory=list)
    rehearsed: str = ""

    def pass_by(self) -> None:
        """Everything that happens by daylight has happened, and every message has come to its end."""
        with self.screen.step("Three numbers go on the black list") as step:
            self._blacken(mobile(10), mobile(20), mobile(30))
            step.say("13800130010, …20, …30")
        self._later()
        self._from_a_file()
        self._late_one()
        self._code_to_one()
        self._other_signature()
        notice = self._notice_to_two_thousand()
        self._marketing()
        self._forbidden()
        self._doubtful()
        self._written_badly()
        self._answer_lost()
        self._test_key()
        self._black_list_between_sends()
        self._settle(notice)
        self._inbound()
        self._settle_rest()

    def _notice_to_two_thousand(self) -> Sent:
        recipients = [mobile(place) for place in range(2_000 - len(expect.SPECIAL))] + [*expect.SPECIAL]
        black = dict.fromkeys((10, 20, 30), "number_on_black_list")
        key = secrets.token_hex(8)
        with self.screen.step("A notice to 2,000 recipients in one request") as step:
            sent = self._send("vaccine-notice", _PLACES, recipients, black, key=key)
            step.say(_told(sent))
        with self.screen.step("The same request again, as after a broken connection") as step:
            body = _body("vaccine-notice", _PLACES, recipients)
            again = self.live.post("/v1/batches", body, key).expect(202)
            self.screen.claim("A repeated request is answered with its batch", again["batch"], sent.batch)
            step.say(f"answered with the same batch, {sent.batch}")
        return sent

    def _later(self) -> None:
        send_at = (datetime.now(UTC) + timedelta(seconds=LATER_S)).isoformat(timespec="seconds")
        with self.screen.step(f"Two notices for {LATER_S} s later, one of which is cancelled") as step:
            self._send("vaccine-notice", _PLACES, [mobile(n) for n in range(200, 350)], send_at=send_at)
            sent = self._send(
                "vaccine-notice", _PLACES, [mobile(n) for n in range(350, 500)], send_at=send_at
            )
            told = self.live.call("DELETE", f"/v1/batches/{sent.batch}").expect(200)
            self.screen.claim("All of it was cancelled in time", told["cancelled"], len(sent.numbers))
            self.sent[-1] = replace(sent, cancelled=True)
            step.say(f"150 wait for their schedule, {told['cancelled']} cancelled")

    def _from_a_file(self) -> None:
        numbers = [mobile(n) for n in range(600, 900)]
        places = ("第一", "第二", "第三")
        lines = [f"{number},塔城市{places[n % 3]}社区卫生服务中心" for n, number in enumerate(numbers)]
        content = "\n".join(("手机号码,place", *lines, "1380013,塔城市第一社区卫生服务中心")).encode("gbk")
        with self.screen.step("A notice to 300 recipients of a file, each with a place of its own") as step:
            form = self.live.post("/v1/uploads", {"use": "batches"}).expect(201)
            self.live.upload(form["url"], form["fields"], content)
            body = {
                "template": "vaccine-notice",
                "parameters": {"day": _PLACES["day"]},
                "file": form["upload"],
            }
            self.rehearsed = self.live.post("/v1/batches", {**body, "dry_run": True}).expect(202)["batch"]
            told = self.live.post("/v1/batches", body, secrets.token_hex(8)).expect(202)
            units = units_of(TEMPLATES["vaccine-notice"][1].format(**_PLACES))
            refused = {len(numbers): "number_malformed"}
            self.sent.append(Sent(told["batch"], tuple(numbers), refused, units))
            step.say("accepted, before it is read")

    def _file_told(self, sent: Sent) -> None:
        """How the file ended, and what became of its lines."""
        file = self.live.get(f"/v1/batches/{sent.batch}").expect(200)["file"]
        counts = (file["stage"], file["rows"], file["recipients"], file["cut"])
        self.screen.claim("The file was cut to its end", counts, ("done", 301, 300, 300))
        dry = self.live.get(f"/v1/batches/{self.rehearsed}").expect(200)
        self.screen.claim("Its rehearsal told its units", dry["units"], sent.units_each * 300)
        faults = self.live.get(f"/v1/batches/{sent.batch}/faults").expect(200)["faults"]
        told = [(each["line"], each["code"]) for each in faults]
        self.screen.claim("Its bad line is told", told, [(302, "number_malformed")])
        file_of_faults = self.live.get(f"/v1/batches/{sent.batch}/faults/file").expect(200)["url"]
        self.screen.claim("They stand in one file, too", bool(file_of_faults), True)
        message = self.live.get(f"/v1/messages/{sent.batch}-0000-01").expect(200)
        self.screen.claim("Each has a text of its own", "第二社区" in message["text"], True)

    def _late_one(self) -> None:
        with self.screen.step("A notice whose receipt comes late") as step:
            step.say(_told(self._send("vaccine-notice", _PLACES, [expect.LATE])))

    def _code_to_one(self) -> None:
        with self.screen.step("A verification message to one number") as step:
            begun = time.monotonic()
            sent = self._send("login-code", _CODE, [mobile(42)])
            told = self.live.get(f"/v1/batches/{sent.batch}").expect(200)
            self.screen.claim("A code goes from the port for codes", told["port"], CODE_PORT)
            self._wait(sent, step)
            step.say(f"delivered, its receipt here after {time.monotonic() - begun:.1f} s")

    def _other_signature(self) -> None:
        with self.screen.step("A second signature, passed by rule, and a notice under it") as step:
            entered = self.live.post("/v1/signatures", {"signature": SIGNATURE}).expect(201)
            self.screen.claim("An abbreviation in order is in use at once", entered["status"], "approved")
            refused = self.live.post("/v1/signatures", {"signature": "疾控"})
            self.screen.claim("Two characters are no signature", refused.status, 400)
            self._send("vaccine-notice", _PLACES, [mobile(44)], signature=SIGNATURE)
            step.say(f"【{SIGNATURE}】 approved; 【疾控】 {refused.status}, {refused.document.get('code')}")

    def _marketing(self) -> None:
        body = {"text": "秋季体检套餐八折优惠", "category": "marketing", "recipients": [mobile(1)]}
        with self.screen.step("A marketing text, which the contract does not include") as step:
            answer = self.live.post("/v1/batches", body, secrets.token_hex(8))
            told = answer.document
            self.screen.claim("Marketing is refused", answer.status, 403)
            self.screen.claim("The refusal cites its clause", told.get("clause"), "2.1.1")
            step.say(f"{answer.status} {told.get('code')}, clause {told.get('clause')}")

    def _forbidden(self) -> None:
        places = {**_PLACES, "place": "賭*博 網\u00b7站"}
        with self.screen.step("A value that is forbidden, disguised as 賭*博 網·站") as step:
            body = _body("vaccine-notice", places, [mobile(1)])
            answer = self.live.post("/v1/batches", body, secrets.token_hex(8))
            told = answer.document
            self.screen.claim("What is forbidden is refused", told.get("code"), "content_refused")
            self.screen.claim("The refusal cites its kind's clause", told.get("clause"), "11.3.12")
            step.say(f"{answer.status} {told.get('code')}, clause {told.get('clause')}")

    def _doubtful(self) -> None:
        places = {**_PLACES, "place": "医院内部消息栏旁"}
        with self.screen.step("A doubtful value, at which the operator looks and lets it go") as step:
            sent = self._send("vaccine-notice", places, [mobile(60), mobile(61)])
            held = self.live.get(f"/v1/batches/{sent.batch}").expect(200)
            self.screen.claim("It is held", [kind["clause"] for kind in held["held"]], ["11.3.13"])
            self.screen.claim("Its case waits", self.operator.reviews(), [f"review:batch:{sent.batch}"])
            ((found,),) = (text["findings"] for text in self.operator.look_at_held(sent.batch))
            self.operator.pass_held(sent.batch, "内部消息栏 is a notice board of the hospital")
            self.screen.claim("Nothing waits any more", self.operator.reviews(), [])
            self._wait(sent, step)
            step.say(f"held by clause {found['clause']}, passed with a reason, delivered")

    def _written_badly(self) -> None:
        with self.screen.step("Ten numbers as people write them, with slips and one twice") as step:
            sent = self._send("vaccine-notice", _PLACES, _AS_WRITTEN, _UNSENDABLE)
            numbers = sorted(each["number"] for each in self._listed(sent))
            self.screen.claim("Numbers are read as written", numbers, [mobile(n) for n in range(100, 105)])
            step.say(_told(sent))

    def _answer_lost(self) -> None:
        with self.screen.step("A message whose answer from the carrier gets lost") as step:
            self._send("vaccine-notice", _PLACES, [expect.ANSWER_LOST])
            step.say("unknown until its receipt proves that it went")

    def _test_key(self) -> None:
        with self.screen.step("A message with the test key, which nobody pays") as step:
            step.say(_told(self._send("vaccine-notice", _PLACES, [mobile(7)], api=self.test)))

    def _black_list_between_sends(self) -> None:
        with self.screen.step("Two recipients go on the black list, then a second notice") as step:
            self._blacken(mobile(40), mobile(41))
            black = {0: "number_on_black_list", 1: "number_on_black_list"}
            recipients = [mobile(place) for place in range(40, 50)]
            step.say(_told(self._send("vaccine-notice", _PLACES, recipients, black)))

    def _inbound(self) -> None:
        with self.screen.step("Recipients write back: R, 退订, and thanks") as step:
            self._wait_for_inbound(step)
            recipients = [expect.WRITES_R, expect.UNSUBSCRIBES, mobile(43)]
            refused = {0: "number_on_opt_out_list", 1: "number_on_opt_out_list"}
            self._send("vaccine-notice", _PLACES, recipients, refused)
            # He asked for this code himself, so it goes, whatever list he is on.
            self._send("login-code", _CODE, [expect.UNSUBSCRIBES])
            step.say("two are on the opt-out list: no more notices, codes still go")

    def _wait_for_inbound(self, step: Step) -> None:
        days = sorted({sent.on for sent in self.sent})
        expected = {(expect.WRITES_R, "R"), (expect.UNSUBSCRIBES, "退订"), (expect.WRITES_BACK, "收到，谢谢")}
        found: set[tuple[str, str]] = set()
        deadline = time.monotonic() + SETTLED_WITHIN_S
        while not expected <= found and time.monotonic() < deadline:
            pages = [self.live.get(f"/v1/inbound?day={on}").expect(200)["inbound"] for on in days]
            found = {(each["number"], each["text"]) for page in pages for each in page}
            step.say(f"{len(found)} of {len(expected)} here")
            time.sleep(0.3)
        self.screen.claim("Every inbound message has come", found, expected)
        while time.monotonic() < deadline and not self._opted_out():
            time.sleep(0.3)

    def _opted_out(self) -> bool:
        numbers = (expect.WRITES_R, expect.UNSUBSCRIBES)
        return all(self.live.get(f"/v1/lists/optout/numbers/{number}").status == 200 for number in numbers)

    def _settle(self, sent: Sent) -> None:
        with self.screen.step("Receipts: failed, twice, disordered, before the answer …") as step:
            self._wait(sent, step)
            step.say(_counted(sent.ends()))
        told = {each["number"]: each for each in self._listed(sent)}
        for number in expect.SPECIAL:
            state = expect.ENDS.get(number, "delivered")
            self.screen.claim(f"{number} ends {state}", told[number]["state"], state)
        self.screen.claim("A receipt that came twice counts once", len(told[expect.TWICE]["receipts"]), 1)
        codes = [each["code"] for each in told[expect.FAILED_AT_CARRIER]["receipts"]]
        self.screen.claim("The carrier's own code is told", codes, ["MK:0001"])

    def _settle_rest(self) -> None:
        with self.screen.step("Late receipts too: every message has come to its end") as step:
            for sent in self.sent:
                self._wait(sent, step)
            self._file_told(self.sent[2])
            step.say(_counted(sum((sent.ends() for sent in self.sent), Counter())))

    def _blacken(self, *numbers: str) -> None:
        body = {"numbers": list(numbers), "why": "asked by telephone"}
        self.live.post("/v1/lists/black/numbers", body).expect(200)

    def _send(
        self,
        template: str,
        parameters: Mapping[str, str],
        recipients: Sequence[str],
        refused: Mapping[int, str] | None = None,
        *,
        key: str = "",
        api: Api | None = None,
        send_at: str | None = None,
        signature: str | None = None,
    ) -> Sent:
        """The batch is accepted just as expected, or the claim fails."""
        refused, api = refused or {}, api or self.live
        body = _body(template, parameters, recipients)
        body |= {"send_at": send_at} if send_at else {}
        body |= {"signature": signature} if signature else {}
        told = api.post("/v1/batches", body, key or secrets.token_hex(8)).expect(202)
        found = {each["index"]: each["code"] for each in told["refused"]}
        units = units_of(TEMPLATES[template][1].format(**parameters))
        self.screen.claim(f"{template} to {len(recipients)} refuses just these", found, refused)
        self.screen.claim("Units are counted", told["units_each"], units)
        numbers = tuple(_plain(number) for place, number in enumerate(recipients) if place not in refused)
        self.screen.claim("All others are accepted", told["accepted"], len(numbers))
        sent = Sent(told["batch"], numbers, refused, units, test=api is self.test)
        self.sent.append(sent)
        return sent

    def _wait(self, sent: Sent, step: Step) -> None:
        """Every message of the batch is in its expected state, or the claim fails."""
        ends, found = sent.ends(), Counter[str]()
        deadline = time.monotonic() + SETTLED_WITHIN_S
        while time.monotonic() < deadline:
            found = self._states(sent)
            if found == ends:
                break
            step.say(_counted(found))
            time.sleep(0.3)
        self.screen.claim(f"Messages of {sent.batch} end as they must", dict(found), dict(ends))

    def _states(self, sent: Sent) -> Counter[str]:
        told: dict[str, Any] = self._api(sent).get(f"/v1/batches/{sent.batch}").expect(200)["states"]
        return Counter({state: count for state, count in told.items() if count})

    def _listed(self, sent: Sent) -> list[Document]:
        return list(self._api(sent).pages(f"/v1/batches/{sent.batch}/messages", "messages"))

    def _api(self, sent: Sent) -> Api:
        return self.test if sent.test else self.live


def _body(template: str, parameters: Mapping[str, str], recipients: Sequence[str]) -> Document:
    return {"template": template, "parameters": dict(parameters), "recipients": list(recipients)}


def _plain(written: str) -> str:
    """The number that a person would read."""
    digits = "".join(str(int(sign)) for sign in written if sign.isdecimal())
    if len(digits) < 11:
        raise LocalFault(f"{written} is no number.")
    return digits[-11:]


def _told(sent: Sent) -> str:
    refused = f", {len(sent.refused)} refused" if sent.refused else ""
    return f"{len(sent.numbers):,} accepted{refused}, {sent.units_each} unit{'s'[: sent.units_each - 1]} each"


def _counted(states: Counter[str]) -> str:
    return ", ".join(f"{count:,} {state}" for state, count in states.most_common())
