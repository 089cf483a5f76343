"""Functions by which clients and operators keep what messages are judged by, with what each may touch."""

from __future__ import annotations

from infra.parts.function import PlatformFunction
from infra.stacks.functions import (
    ANSWERING,
    BATCH_GET,
    BATCH_WRITE,
    CLIENT_KEY,
    DELETE,
    GET,
    GET_OBJECT,
    PUT,
    PUT_OBJECT,
    QUERY,
    RECKONING,
    SUBMITTING,
    FunctionStack,
)

NUMBERS, NUMBER = "/v1/lists/{kind}/numbers", "/v1/lists/{kind}/numbers/{number}"
LISTS, LIST = "/v1/operator/clients/{client}/lists", "/v1/operator/clients/{client}/lists/{kind}"
CASE = "/v1/operator/cases/{client}/{case}"
PORTS, PORT = "/v1/operator/clients/{client}/ports", "/v1/operator/clients/{client}/ports/{port}"
SIGNATURES = "/v1/operator/clients/{client}/signatures"
DOCUMENTS = "/v1/operator/clients/{client}/documents"
ACTIVATION = "/v1/operator/clients/{client}/contracts/{contract}/{version}/activation"
TEMPLATE = "/v1/operator/clients/{client}/templates/{template}"
WORDS = "/v1/operator/words"
ADDRESSES = "/v1/operator/addresses"


class KeepingStack(FunctionStack):
    """A stack with lists, contracts, ports, signatures, templates, words, addresses, cases and measures."""

    def _keeping(self) -> list[PlatformFunction]:
        return [
            self._keep_lists(),
            self._order_transfers(),
            self._transfer_lists(),
            self._check_lists(),
            self._keep_contracts(),
            self._activate_contracts(),
            self._keep_cases(),
            self._review_content(),
            self._keep_words(),
            self._keep_addresses(),
            self._handle_complaints(),
            self._keep_measures(),
            self._keep_ports(),
            self._keep_signatures(),
            self._keep_templates(),
        ]

    def _keep_lists(self) -> PlatformFunction:
        function = self._function("keep_lists", ANSWERING)
        self._uses(function, "registry", QUERY)
        self._uses(function, "lists", GET, BATCH_GET, QUERY, PUT, BATCH_WRITE)
        function.reads_secret("seal", self._data.seal_arn)
        many = (f"GET {NUMBERS}", f"POST {NUMBERS}", f"DELETE {NUMBERS}")
        one = (f"GET {NUMBER}", f"DELETE {NUMBER}", "GET /v1/lists/{kind}/changes")
        self.api.route(function, *many, *one, open_because=CLIENT_KEY)
        return function

    def _order_transfers(self) -> PlatformFunction:
        function = self._function("order_transfers", ANSWERING)
        self._uses(function, "registry", QUERY)
        self._uses(function, "lists", GET, PUT)
        # Addresses are signed in the function's own name; a HEAD asks for the right to read.
        function.uses_files(uploads=(GET_OBJECT, PUT_OBJECT), exports=(GET_OBJECT,))
        function.sends_to("transfer", self.transfer.queue)
        several = [f"POST /v1/lists/{{kind}}/{what}" for what in ("imports", "exports")]
        several += [f"GET /v1/lists/{{kind}}/{what}/{{transfer}}" for what in ("imports", "exports")]
        self.api.route(function, "POST /v1/uploads", *several, open_because=CLIENT_KEY)
        return function

    def _transfer_lists(self) -> PlatformFunction:
        function = self._function("transfer_lists", RECKONING)
        self._uses(function, "lists", GET, BATCH_GET, PUT, BATCH_WRITE)
        function.uses_files(uploads=(GET_OBJECT,), exports=(PUT_OBJECT,))
        self.transfer.feed(function, batch=1, cap=self._caps.transfer)
        return function

    def _check_lists(self) -> PlatformFunction:
        function = self._function("check_lists", ANSWERING)
        self._uses(function, "registry", QUERY)
        self._uses(function, "lists", GET, BATCH_GET, QUERY, PUT, BATCH_WRITE)
        function.reads_secret("seal", self._data.seal_arn)
        looks = (f"GET {LIST}/numbers", f"GET {LIST}/numbers/{{number}}", f"GET {LIST}/changes")
        self.api.route(function, f"GET {LISTS}", *looks, f"POST {LIST}/acts", authorizer=self._operators)
        return function

    def _keep_contracts(self) -> PlatformFunction:
        function = self._function("keep_contracts", ANSWERING)
        self._uses(function, "registry", GET, QUERY, PUT, DELETE)
        function.reads_secret("carriers", self._data.carriers_arn)
        self.api.route(function, "ANY /v1/operator/{proxy+}", authorizer=self._operators)
        return function

    def _activate_contracts(self) -> PlatformFunction:
        function = self._function("activate_contracts", ANSWERING)
        self._uses(function, "registry", GET, QUERY, PUT)
        routes = [f"{method} {path}" for path in (DOCUMENTS, ACTIVATION) for method in ("GET", "POST")]
        routes.append(f"POST {DOCUMENTS}/{{document}}/withdrawal")
        self.api.route(function, *routes, authorizer=self._operators)
        return function

    def _keep_cases(self) -> PlatformFunction:
        function = self._function("keep_cases", ANSWERING)
        self._uses(function, "cases", GET, BATCH_GET, PUT)
        function.queries_index(self._data.tables["cases"], "open")
        function.reads_secret("seal", self._data.seal_arn)
        looks = ("GET /v1/operator/cases", f"GET {CASE}")
        self.api.route(function, *looks, f"POST {CASE}/closing", authorizer=self._operators)
        return function

    def _review_content(self) -> PlatformFunction:
        function = self._function("review_content", ANSWERING)
        self._uses(function, "registry", QUERY)
        self._uses(function, "messages", GET, PUT, QUERY)
        self._uses(function, "cases", GET, PUT, QUERY)
        function.uses_files(parts=(GET_OBJECT,))
        function.sends_to("release", self.release.queue)
        self.api.route(function, f"GET {CASE}/content", f"POST {CASE}/verdict", authorizer=self._operators)
        return function

    def _keep_words(self) -> PlatformFunction:
        function = self._function("keep_words", SUBMITTING)
        self._uses(function, "registry", QUERY, PUT, BATCH_WRITE)
        function.reads_secret("seal", self._data.seal_arn)
        words = [f"{method} {WORDS}" for method in ("GET", "POST", "DELETE")]
        words += [f"GET {WORDS}/kinds", f"GET {WORDS}/changes", f"POST {WORDS}/check"]
        self.api.route(function, *words, authorizer=self._operators)
        return function

    def _keep_addresses(self) -> PlatformFunction:
        function = self._function("keep_addresses", ANSWERING)
        self._uses(function, "registry", QUERY, PUT)
        function.reads_secret("seal", self._data.seal_arn)
        addresses = [f"{method} {ADDRESSES}" for method in ("GET", "POST", "DELETE")]
        self.api.route(function, *addresses, f"GET {ADDRESSES}/changes", authorizer=self._operators)
        return function

    def _handle_complaints(self) -> PlatformFunction:
        function = self._function("handle_complaints", ANSWERING)
        self._uses(function, "registry", QUERY, PUT)
        self._uses(function, "messages", GET, QUERY)
        self._uses(function, "ledger", QUERY)
        self._uses(function, "cases", GET, PUT, QUERY)
        one = "/v1/operator/clients/{client}/complaints"
        asked = (f"GET {one}", f"POST {one}", f"POST {one}/{{complaint}}/finding")
        self.api.route(function, *asked, authorizer=self._operators)
        self.api.route(function, "GET /v1/complaints", open_because=CLIENT_KEY)
        return function

    def _keep_measures(self) -> PlatformFunction:
        function = self._function("keep_measures", ANSWERING)
        self._uses(function, "registry", QUERY, PUT)
        self._uses(function, "cases", GET, PUT)
        function.sends_to("release", self.release.queue)
        one = "/v1/operator/clients/{client}/measures"
        ends = (f"POST {one}/{{measure}}/lift", f"POST {one}/{{measure}}/uphold")
        self.api.route(function, f"GET {one}", f"POST {one}", *ends, authorizer=self._operators)
        asked = ("GET /v1/measures", "POST /v1/measures/{measure}/appeal")
        self.api.route(function, *asked, open_because=CLIENT_KEY)
        return function

    def _keep_ports(self) -> PlatformFunction:
        function = self._function("keep_ports", ANSWERING)
        self._uses(function, "registry", GET, QUERY, PUT)
        function.sends_to("release", self.release.queue)
        looks, changes = (f"GET {PORTS}", f"GET {PORT}"), (f"PUT {PORT}", f"POST {PORT}/flow")
        self.api.route(function, *looks, *changes, f"POST {PORT}/reclaim", authorizer=self._operators)
        return function

    def _keep_signatures(self) -> PlatformFunction:
        function = self._function("keep_signatures", ANSWERING)
        self._uses(function, "registry", QUERY, PUT)
        self._uses(function, "cases", GET, PUT)
        own = ("GET /v1/signatures", "POST /v1/signatures", "GET /v1/signatures/{signature}")
        self.api.route(function, *own, open_because=CLIENT_KEY)
        looks = (f"GET {SIGNATURES}", f"GET {SIGNATURES}/{{signature}}")
        acts = (f"POST {SIGNATURES}", f"POST {SIGNATURES}/verdicts")
        self.api.route(function, *looks, *acts, authorizer=self._operators)
        return function

    def _keep_templates(self) -> PlatformFunction:
        function = self._function("keep_templates", ANSWERING)
        self._uses(function, "registry", QUERY, PUT)
        self._uses(function, "cases", GET, PUT)
        own = ("GET /v1/templates", "POST /v1/templates", "GET /v1/templates/{template}")
        self.api.route(function, *own, open_because=CLIENT_KEY)
        acts = (f"PUT {TEMPLATE}", f"POST {TEMPLATE}/verdicts", f"POST {TEMPLATE}/stop")
        self.api.route(function, *acts, authorizer=self._operators)
        return function
