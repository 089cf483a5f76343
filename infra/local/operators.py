"""The operator's side of a day: signs in, and keeps clients, contracts and keys through the API."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from infra.local.api import Api, Document
from infra.local.deploy import Outputs
from infra.local.emulator import Emulator

SAMPLE = Path(__file__).resolve().parent / "sample"
CLIENT = "tacheng-cdc"
CODE_PORT = "106509733271401"
_USER = "local-operator"


def sample_contract() -> Document:
    """The sample contract, as the operator writes it down."""
    document: Document = json.loads((SAMPLE / "contract.json").read_text())
    return document


def sign_in(emulator: Emulator, outputs: Outputs) -> str:
    """A token of a user made for the purpose, in the group `operator`; no password outlives the run."""
    users: Any = emulator.session.client("cognito-idp", endpoint_url=emulator.url)
    pool, password = outputs["UserPoolId"], f"Aa1!{secrets.token_urlsafe(24)}"
    users.admin_create_user(UserPoolId=pool, Username=_USER, MessageAction="SUPPRESS")
    users.admin_set_user_password(UserPoolId=pool, Username=_USER, Password=password, Permanent=True)
    users.admin_add_user_to_group(UserPoolId=pool, Username=_USER, GroupName="operator")
    signed_in = users.admin_initiate_auth(
        UserPoolId=pool,
        ClientId=outputs["UserPoolClientId"],
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": _USER, "PASSWORD": password},
    )
    return str(signed_in["AuthenticationResult"]["IdToken"])


@dataclass(frozen=True, slots=True)
class Operator:
    """What the operator does for one client."""

    api: Api
    client: str = CLIENT

    @property
    def _place(self) -> str:
        return f"/v1/operator/clients/{self.client}"

    def keep_client(self, full_name: str) -> None:
        body = {"full_name": full_name, "suspended": False, "why": "as the contract names it"}
        self.api.put(self._place, body).expect(200, 201)

    def keep_contract(self, contract: Document) -> list[Document]:
        """What is odd about the contract, which is kept all the same, as a draft."""
        warnings: list[Document] = self.api.post(f"{self._place}/contracts", contract).expect(201)["warnings"]
        return warnings

    def missing(self, contract: Document) -> list[Document]:
        """What keeps the draft from coming into force."""
        found: list[Document] = self.api.get(self._activation(contract)).expect(200)["missing"]
        return found

    def activate(self, contract: Document) -> None:
        """The contract counts, once every document is on file and a person has passed its signature."""
        for kind in contract["documents"]:
            paper = {"kind": kind, "reference": f"{kind} 2024", "why": "handed in with the contract"}
            self.api.post(f"{self._place}/documents", paper).expect(201)
        body = {"signature_passed_because": "宣 (publicity) is the usual ending of the client's notices"}
        self.api.post(self._activation(contract), body).expect(200)

    def _activation(self, contract: Document) -> str:
        number, version = quote(contract["number"], safe=""), contract["version"]
        return f"{self._place}/contracts/{number}/{version}/activation"

    def keep_template(self, name: str, category: str, text: str) -> None:
        body = {"category": category, "text": text, "status": "approved"}
        self.api.put(f"{self._place}/templates/{name}", body).expect(200, 201)

    def keep_port(self, number: str, category: str, rate_per_s: int) -> None:
        body = {"category": category, "rate_per_s": rate_per_s, "why": "agreed with the client"}
        self.api.put(f"{self._place}/ports/{number}", body).expect(200)

    def keep_words(self) -> int:
        """The sample's words are looked for from now on; how many they are."""
        words: Document = json.loads((SAMPLE / "words.json").read_text())
        return int(self.api.post("/v1/operator/words", words).expect(200)["words"])

    def look_at_held(self, batch: str) -> list[Document]:
        """The texts of a held batch, with what was found in them."""
        texts: list[Document] = self.api.get(f"{self._review(batch)}/content").expect(200)["texts"]
        return texts

    def pass_held(self, batch: str, why: str) -> None:
        body = {"outcome": "passed", "why": why}
        self.api.post(f"{self._review(batch)}/verdict", body).expect(200)

    def reviews(self) -> list[str]:
        """The cases of held batches at which nobody has looked yet."""
        waiting = self.api.get("/v1/operator/cases?kind=review").expect(200)["cases"]
        return [case["case"] for case in waiting if case["case"].startswith("review:batch:")]

    def _review(self, batch: str) -> str:
        return f"/v1/operator/cases/{self.client}/review:batch:{batch}"

    def issue_key(self, mode: str, label: str) -> str:
        body = {"mode": mode, "scopes": ["send", "read", "lists", "registry"], "label": label}
        return str(self.api.post(f"{self._place}/keys", body).expect(201)["key"])
