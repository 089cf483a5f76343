"""The operator's desk on the same day: reviews, ports, complaints and measures, through the API alone."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from infra.local.api import Api, Document
from infra.local.day import TEMPLATES
from infra.local.emulator import HOST
from infra.local.expect import Sent, mobile
from infra.local.operators import CLIENT, Operator
from infra.local.show import Screen

# What is changed in the registry counts within 5 s.
COUNTS_WITHIN_S = 15
_ONE = f"/v1/operator/clients/{CLIENT}"
_PORT = "106509733271477"
_HOURS = {
    "template": "clinic-hours",
    "category": "notice",
    "text": "门诊时间调整为{from}至{until}，咨询电话{phone}。",
    "variables": [
        {"name": "from", "type": "date_time"},
        {"name": "until", "type": "date_time"},
        {"name": "phone", "type": "phone"},
    ],
}
_MARK = {
    "signature": "绿洲疫苗",
    "basis": "trade_mark",
    "trade_mark": "绿洲",
    "product_kind": "疫苗",
    "evidence": "trade mark certificate, sample",
}


@dataclass
class Desk:
    """Shape: `client` is the API for one of the client's keys; nothing that is done here sends anything."""

    operator: Operator
    client: Api
    screen: Screen

    def work(self, notice: Sent) -> None:
        """Every function that the day itself does not touch has done its work under its own role."""
        self._decisions(notice)
        self._refusals()
        self._template()
        self._signature()
        self._port()
        self._complaint(notice)
        self._measure()
        self._addresses()

    def _decisions(self, notice: Sent) -> None:
        with self.screen.step("Every recipient's decision, with its clause") as step:
            told = list(self.client.pages(f"/v1/batches/{notice.batch}/decisions", "decisions"))
            at_first = {each["index"]: each["code"] for each in told if each["message"] is None}
            self.screen.claim("Refused recipients are on record", at_first, notice.refused)
            self.screen.claim("So are all others", len(told), len(notice.numbers) + len(notice.refused))
            clauses = Counter(each["clause"] for each in told)
            self.screen.claim(
                "Whoever was accepted was so by a clause", clauses["2.1.1"] >= len(told) - 1, True
            )
            step.say(
                ", ".join(f"{count:,} by {clause or 'the carrier'}" for clause, count in clauses.items())
            )

    def _refusals(self) -> None:
        with self.screen.step("What was refused as a whole today, on record for its client") as step:
            today = datetime.now(ZoneInfo("Asia/Shanghai")).date()
            # Midnight may have passed meanwhile.
            days = (today, today - timedelta(days=1))
            pages = [self.client.get(f"/v1/refusals?day={on}").expect(200) for on in days]
            told = [each for page in pages for each in page["refusals"]]
            clauses = {each["code"]: each["clause"] for each in told}
            self.screen.claim("So is what was forbidden", clauses.get("content_refused"), "11.3.12")
            self.screen.claim("So is what was not agreed", clauses.get("service_not_bought"), "2.1.1")
            step.say("; ".join(each["detail_zh"] for each in told[:2]))

    def _template(self) -> None:
        with self.screen.step("A template is handed in, found in the queue, and passed") as step:
            handed_in = self.client.post("/v1/templates", _HOURS).expect(200, 201, 202)
            self.screen.claim("A template waits for a person", handed_in["status"], "pending")
            case = self._review_of("clinic-hours")
            self.screen.claim("It is in the queue", case is not None, True)
            verdict = {"version": handed_in["version"], "verdict": "pass", "why": "plain notice"}
            self.operator.api.post(f"{_ONE}/templates/clinic-hours/verdicts", verdict).expect(200)
            self.screen.claim("It has left the queue", self._review_of("clinic-hours"), None)
            dry = self._dry_run("clinic-hours", {"from": "9:00", "until": "13:30", "phone": "12320"})
            step.say(
                f"in use: {dry['units_each']} unit each, {dry['price']['bundle_left']:,} left of the bundle"
            )

    def _signature(self) -> None:
        with self.screen.step("A trade mark for a signature, which a person refuses") as step:
            entered = self.client.post("/v1/signatures", _MARK).expect(200, 201, 202)
            self.screen.claim("A trade mark waits for a person", entered["status"], "pending")
            said = {"signature": _MARK["signature"], "version": entered["version"]}
            verdict = {**said, "verdict": "pass", "why": "looked at it"}
            passed = self.operator.api.post(f"{_ONE}/signatures/verdicts", verdict)
            self.screen.claim(
                "Nobody passes it while its certificate is not on file",
                passed.document.get("code"),
                "signature_without_proof",
            )
            verdict |= {"verdict": "refuse", "why": "不是本单位商标"}
            self.operator.api.post(f"{_ONE}/signatures/verdicts", verdict).expect(200)
            found = {
                each["signature"]: each["status"]
                for each in self.client.get("/v1/signatures").expect(200)["signatures"]
            }
            self.screen.claim("The client sees the verdict", found.get(_MARK["signature"]), "refused")
            step.say("2.1.9: trade mark and product kind, with its certificate")

    def _port(self) -> None:
        place = f"{_ONE}/ports/{_PORT}"
        with self.screen.step("A second port for notices: closed, opened, given back") as step:
            self.operator.api.put(place, {"category": "notice", "why": "asked for"}).expect(200, 201)
            states = [
                self.operator.api.post(f"{place}/flow", {"state": state, "why": why}).expect(200)["flow"][
                    "state"
                ]
                for state, why in (("closed", "投诉核查"), ("open", "核查完毕"))
            ]
            self.screen.claim("A port is closed and opened", states, ["closed", "open"])
            gone = self.operator.api.post(f"{place}/reclaim", {"why": "no longer needed"}).expect(200)
            step.say(f"{_PORT} is free again on {gone['free_on']}")

    def _complaint(self, notice: Sent) -> None:
        number = mobile(77)
        with self.screen.step("A recipient complains, and the complaint finds its message") as step:
            at = datetime.now(UTC).isoformat(timespec="seconds")
            body = {"number": number, "at": at, "source": "12321", "text": "没有同意过接收"}
            told = self.operator.api.post(f"{_ONE}/complaints", body).expect(201)
            complaint, rate = told["complaint"], told["rate"]
            self.screen.claim("It is the notice", complaint["message"].startswith(notice.batch), True)
            self.screen.claim("One complaint climbs no ladder", rate["rung"], None)
            heard = self.client.get("/v1/complaints").expect(200)["complaints"]
            self.screen.claim("The client hears of it", [each["id"] for each in heard], [complaint["id"]])
            finding = {"finding": "unfounded", "why": "本人在登记表上签字"}
            self.operator.api.post(f"{_ONE}/complaints/{complaint['id']}/finding", finding).expect(200)
            step.say(f"message {complaint['message']}, template {complaint['template']}")

    def _measure(self) -> None:
        stop = {"cause": "emergency", "stops": ["notice"], "why": "异常流量"}
        with self.screen.step("Notices are stopped at once, appealed against, and restored") as step:
            measure = self.operator.api.post(f"{_ONE}/measures", stop).expect(201)["measure"]
            self._until(lambda: self._dry_run_of_notice().get("code") == "stopped_in_emergency")
            refused = self._dry_run_of_notice()
            self.screen.claim("A stopped category is refused", refused.get("clause"), "11.9")
            self.client.post(f"/v1/measures/{measure}/appeal", {"why": "已排查，系误报"}).expect(201)
            self.operator.api.post(f"{_ONE}/measures/{measure}/lift", {"why": "情况属实"}).expect(200)
            restored = self._until(lambda: self._dry_run_of_notice().get("dry_run") is True)
            self.screen.claim("It may be sent again", restored, True)
            step.say(f"{refused.get('code')}, clause {refused.get('clause')}; then lifted")

    def _addresses(self) -> None:
        blocked, why = "/v1/operator/addresses", "a key was stolen"
        with self.screen.step("The client's address is blocked, whatever key it shows, and lifted") as step:
            self.operator.api.post(blocked, {"ranges": [HOST], "why": why}).expect(200)
            # Each of the two is asked once, by a function that has not looked for a while.
            self._until(lambda: self.client.get("/v1/complaints").status == 403)
            refused = self.client.get("/v1/complaints").document
            self.screen.claim("No key opens from there", refused.get("code"), "address_blocked")
            listed = [each["range"] for each in self.operator.api.pages(blocked, "addresses")]
            self.operator.api.call("DELETE", blocked, {"ranges": listed, "why": "it was replaced"}).expect(
                200
            )
            opened = self._until(lambda: self.client.get("/v1/signatures").status == 200)
            self.screen.claim("It opens again", opened, True)
            acts = [each["act"] for each in self.operator.api.pages(f"{blocked}/changes", "changes")]
            self.screen.claim("Both are on record", acts, ["lifted", "blocked"])
            step.say(f"{', '.join(listed)}, clause {refused.get('clause')}; then lifted")

    def _review_of(self, name: str) -> Document | None:
        found = self.operator.api.pages("/v1/operator/cases", "cases")
        return next((each for each in found if name in each["case"]), None)

    def _dry_run(self, template: str, parameters: dict[str, str]) -> Document:
        body = {"template": template, "parameters": parameters, "recipients": [mobile(1)], "dry_run": True}
        answer: Document = {}

        def accepted() -> bool:
            told = self.client.post("/v1/batches", body)
            answer.clear()
            answer.update(told.document)
            return told.status == 200

        self._until(accepted)
        return answer

    def _dry_run_of_notice(self) -> Document:
        parameters = {"place": "塔城市第一社区卫生服务中心", "day": "十一月二十八日上午"}
        body = {"template": next(iter(TEMPLATES)), "parameters": parameters, "recipients": [mobile(1)]}
        return self.client.post("/v1/batches", {**body, "dry_run": True}).document

    def _until(self, holds: Callable[[], bool]) -> bool:
        """Whether it holds within the time that a change takes to count."""
        deadline = time.monotonic() + COUNTS_WITHIN_S
        while time.monotonic() < deadline:
            if holds():
                return True
            time.sleep(0.3)
        return False
