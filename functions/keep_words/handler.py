"""Lets an operator keep the words for which texts are held or refused; an auditor may look at them."""

from typing import Protocol

from openmas.adapters.calls import take
from openmas.adapters.world import AwsWorld
from openmas.domain.content_kinds import ContentKind
from openmas.edge import wire
from openmas.edge import wire_content as form
from openmas.edge.access import operator_calling, operator_only
from openmas.edge.http import Answer, Handler, Request, Routes, serve
from openmas.edge.seals import Listing, Sealing
from openmas.flows import keep_words as flow


class Needs(flow.Needs, Sealing, Protocol):
    """Reads and writes the words; seals cursors."""


def build(world: Needs) -> Handler:
    def look(request: Request) -> Answer:
        listing = Listing(world.seal, "#operator", "words")
        book = world.words.book()
        page, end = book.page(*wire.place_in(listing, wire.query(request, "limit", "cursor")))
        told = listing.page("words", [form.word_document(entry) for entry in page], end)
        return Answer({"version": book.version, "of": len(book.entries), **told})

    def history(request: Request) -> Answer:
        listing = Listing(world.seal, "#operator", "changes of the words")
        found, end = world.words.changes(*wire.place_in(listing, wire.query(request, "limit", "cursor")))
        return Answer(listing.page("changes", [form.change_document(each) for each in found], end))

    def keep(request: Request) -> Answer:
        by, body = operator_calling(request), wire.read_body(form.WordsBody, request.body())
        return told(request, flow.keep_words(world, [each.meant() for each in body.words], by, body.why))

    def strike(request: Request) -> Answer:
        by, body = operator_calling(request), wire.read_body(form.StruckBody, request.body())
        return told(request, flow.strike_words(world, body.words, by, body.why))

    def told(request: Request, kept: flow.KeptWords) -> Answer:
        request.noted.update(version=kept.version, words=kept.words, changed=kept.changed)
        return Answer(wire.plain(kept))

    def check(request: Request) -> Answer:
        found = flow.try_text(world, wire.read_body(form.TextBody, request.body()).text)
        return Answer({"findings": form.finding_documents(found)})

    top, kinds = "/v1/operator/words", Answer({"kinds": form.kind_documents(ContentKind)})
    routes: Routes = {("GET", top): look, ("POST", top): keep, ("DELETE", top): strike}
    routes |= {
        ("GET", f"{top}/changes"): history,
        ("GET", f"{top}/kinds"): lambda _: kinds,
        ("POST", f"{top}/check"): check,
    }
    return serve({place: operator_only(act) for place, act in routes.items()}, take)


handle = build(AwsWorld())
