"""Writes the perfect hash of the keyword table: keyword_hash.py keywords.def > keyword_hash.h

The hash reads the length and the first sixteen bytes of the folded word, filled up with zeros, as two numbers, so that
the lexer needs no loop; see hash_word in lex/loop.c, which must compute the same value. The factors are the first of a
fixed sequence with which there is a perfect hash."""
import random
import re
import sys

MASK = (1 << 64) - 1
BUCKETS, SLOTS = 512, 2048


def halves_of(word):
    folded = bytes(c | 0x20 for c in word.encode()).ljust(16, b'\0')
    return [int.from_bytes(half, 'little') for half in (folded[:8], folded[8:16])]


def hash_of(word, factors):
    low, high = halves_of(word)
    return ((low + len(word)) * factors[0] + high * factors[1]) & MASK


def place(words, factors):
    """The shifts of the buckets and the words in their slots; None when the factors do not separate all words."""
    buckets = [[] for _ in range(BUCKETS)]
    for number, word in enumerate(words, 1):
        h = hash_of(word, factors)
        buckets[h >> 55].append((h >> 32 & 0xFFFF, number))
    slots = [0] * SLOTS
    shifts = [0] * BUCKETS
    for b in sorted(range(BUCKETS), key=lambda i: -len(buckets[i])):
        for d in range(SLOTS):
            at = [(h ^ d) % SLOTS for h, _ in buckets[b]]
            if len(set(at)) == len(at) and not any(slots[a] for a in at):
                break
        else:
            return None
        shifts[b] = d
        for a, (_, number) in zip(at, buckets[b]):
            slots[a] = number
    return shifts, slots


DIALECTS = ['SO_POSTGRESQL', 'SO_MYSQL', 'SO_MARIADB', 'SO_SQLITE', 'SO_TSQL', 'SO_ORACLE']  # as X has them


def print_table(values):
    for i in range(0, len(values), 16):
        print('\t' + ', '.join(map(str, values[i:i + 16])) + ',')


def main():
    rows = re.findall(r'^X\((\w+)((?:, \w+)+)\)', open(sys.argv[1]).read(), re.M)
    words = [word for word, _ in rows]
    classes = [[]] + [row[2:].split(', ') for _, row in rows]
    if words != sorted(words):
        sys.exit('keywords.def is not in alphabetical order')
    sequence = random.Random(1)
    for _ in range(1000):
        factors = [sequence.getrandbits(64) | 1 << 63 | 1 for _ in range(2)]
        placed = place(words, factors)
        if placed:
            break
    else:
        sys.exit('no perfect hash: more slots are needed')
    print('/* Made by keyword_hash.py from keywords.def. */')
    print('#define KEYWORD_FACTOR_LOW  UINT64_C(0x%x)' % factors[0])
    print('#define KEYWORD_FACTOR_HIGH UINT64_C(0x%x)' % factors[1])
    shifts, slots = placed
    print('#ifdef SO_KEYWORD_TABLES')
    print('const uint16_t so_keyword_shifts[%d] = {' % BUCKETS)
    print_table(shifts)
    print('};\nconst uint16_t so_keyword_slots[%d] = {' % SLOTS)
    print_table(slots)
    print('};\nconst uint16_t so_dialect_slots[%d][%d] = {' % (len(DIALECTS), SLOTS))
    for column, dialect in enumerate(DIALECTS):
        print('[%s] = {' % dialect)
        print_table([word if word and classes[word][column] != 'NO' else 0 for word in slots])
        print('},')
    print('};')
    print('const _Alignas(16) uint64_t so_keyword_halves[%d][2] = {\n\t{ 0, 0 },' % (len(words) + 1))
    for word in words:
        print('\t{ 0x%xu, 0x%xu },' % tuple(halves_of(word)))
    print('};\n#endif')


main()
