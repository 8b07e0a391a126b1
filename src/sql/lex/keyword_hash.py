"""Writes the perfect hash of the keyword table: keyword_hash.py keywords.def > keyword_hash.h

The hash reads the first and the last (at most) eight bytes of the folded word, so that the lexer needs no loop; see
so_keyword_hash in lex.c, which must compute the same value."""
import re
import sys

MASK = (1 << 64) - 1
BUCKETS, SLOTS = 512, 2048


def ends_of(word):
    folded = bytes(c | 0x20 for c in word.encode())
    return [int.from_bytes(end.ljust(8, b'\0'), 'little') for end in (folded[:8], folded[-8:])]


def hash_of(word):
    first, last = ends_of(word)
    mixed = (first * 0x9E3779B97F4A7C15 + last * 0xC2B2AE3D27D4EB4F + len(word)) & MASK
    return mixed ^ (mixed >> 29)


def main():
    words = re.findall(r'^X\((\w+)(?:, \w+)+\)', open(sys.argv[1]).read(), re.M)
    if words != sorted(words):
        sys.exit('keywords.def is not in alphabetical order')
    tag_of = {0: 0}
    buckets = [[] for _ in range(BUCKETS)]
    for number, word in enumerate(words, 1):
        h = hash_of(word)
        buckets[h >> 55].append((h >> 32 & 0xFFFF, number))
        tag_of[number] = h & 0xFFFF
    slots = [0] * SLOTS
    shift = [0] * BUCKETS
    for b in sorted(range(BUCKETS), key=lambda i: -len(buckets[i])):
        for d in range(65536):
            at = [(h ^ d) % SLOTS for h, _ in buckets[b]]
            if len(set(at)) == len(at) and not any(slots[a] for a in at):
                break
        else:
            sys.exit('no perfect hash: change a constant')
        shift[b] = d
        for a, (_, number) in zip(at, buckets[b]):
            slots[a] = number
    print('/* Made by keyword_hash.py from keywords.def. */')
    for name, values in (('shifts', shift), ('slots', slots), ('tags', [tag_of[number] for number in slots])):
        print('static const uint16_t keyword_%s[%d] = {' % (name, len(values)))
        for i in range(0, len(values), 16):
            print('\t' + ', '.join(map(str, values[i:i + 16])) + ',')
        print('};')
    print('static const uint64_t keyword_ends[%d][2] = {\n\t{ 0, 0 },' % (len(words) + 1))
    for word in words:
        print('\t{ 0x%xu, 0x%xu },' % tuple(ends_of(word)))
    print('};')


main()
