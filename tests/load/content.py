"""What the content filter costs at a hundred thousand words; how to run it stands in the README.

Units: processor time of one core; what others do on the machine costs through its caches all the same.
"""

import random
import resource
import string
import sys
import unicodedata
from collections.abc import Callable
from time import process_time

from openmas.adapters import items_words
from openmas.adapters.words import ready
from openmas.domain.content import Action, Checked, Word, WordList, hits
from openmas.domain.content_kinds import ContentKind
from openmas.domain.words import WORDS_MAX, WordBook, WordEntry
from tests.fakes import sample
from tests.fakes.notices import ordinary_notices

TEXTS = 3_000
LENGTH = 500
# The 3,760 commonest Han characters, as GB 2312 orders them.
HAN = [
    character
    for place in range(94 * 40)
    if (character := bytes([0xB0 + place // 94, 0xA1 + place % 94]).decode("gb2312", "ignore"))
]


def book(chance: random.Random) -> WordBook:
    """Nine words in ten are Han, the others Latin letters and digits."""
    entries: dict[str, WordEntry] = {}
    while len(entries) < WORDS_MAX:
        latin = chance.random() < 0.1
        signs = string.ascii_lowercase + string.digits if latin else HAN
        text = "".join(chance.choices(signs, k=chance.randint(4, 10) if latin else chance.randint(2, 6)))
        action = chance.choice([Action.HOLD, Action.REFUSE])
        word = Word(text, ContentKind(chance.randint(1, 21)), action)
        entries[word.plain] = WordEntry(word, "p-1", sample.NOW, "measured")
    return WordBook(1, entries)


def characters() -> list[str]:
    """All that Unicode has assigned: more than the filter remembers, so most are always new to it."""
    every = map(chr, range(sys.maxunicode + 1))
    return [character for character in every if unicodedata.category(character) not in {"Cn", "Co", "Cs"}]


def took(words: WordList, make: Callable[[], str]) -> str:
    times = []
    for _ in range(TEXTS):
        text = make()
        begun = process_time()
        hits(text, words)
        times.append((process_time() - begun) * 1_000)
    times.sort()
    return f"median {times[TEXTS // 2]:.2f} ms, p99 {times[TEXTS * 99 // 100]:.2f} ms"


def main() -> None:
    chance = random.Random(1)
    packed = items_words.pack_book(book(chance))
    slices = items_words.slice_items("book", packed)
    before, begun = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, process_time()
    words = ready(items_words.Columns(slices))
    loaded_s, grown = process_time() - begun, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print(
        f"{WORDS_MAX:,} words: {len(packed) / 1e6:.2f} MB in {len(slices)} items, {loaded_s:.2f} s to load,"
    )
    print(f"at most {grown / 1_000:.0f} MB more than before")
    notices = "".join(ordinary_notices())
    at = chance.randrange
    print(
        f"a notice of {LENGTH}: {took(words, lambda: notices[(n := at(len(notices) - LENGTH)) : n + LENGTH])}"
    )
    print(f"any {LENGTH} Han: {took(words, lambda: ''.join(chance.choices(HAN, k=LENGTH)))}")
    written = characters()
    print(f"any {LENGTH} characters: {took(words, lambda: ''.join(chance.choices(written, k=LENGTH)))}")
    checked = Checked.template("【塔城市疾控中心宣】{place}定于{day}接种流感疫苗，请携带身份证按时前往。")
    values = {n: (f"第{n}社区卫生服务中心", f"十一月{n % 30 + 1}日") for n in range(5_000)}
    begun = process_time()
    checked.hits_of_each(values, words)
    print(f"values of 5,000 recipients: {(process_time() - begun) * 1_000:.0f} ms")


if __name__ == "__main__":
    main()
