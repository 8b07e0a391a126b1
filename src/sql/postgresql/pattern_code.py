"""Compiles the patterns of a dialect: pattern_code.py keywords.def postgresql.pattern > pattern_code.h

A pattern becomes 16-bit codes, see pattern.c, which runs them. An alternative is
  what its first token must be, index of the next alternative or 0, elements, 0
where the first is: 0 anything; a keyword; 0x4000 + kind of token; 0x8000 + number of a set of keywords."""
import re
import sys

OPENERS = {'(': ')', '[': ']', '{': '}'}
TOKENS = {'<': 'SO_TOK_LPAREN', '>': 'SO_TOK_RPAREN', ',': 'SO_TOK_COMMA', '.': 'SO_TOK_DOT', ';': 'SO_TOK_SEMICOLON'}
GROUPS = {'(': 'OF', '[': 'OPTIONAL', '{': 'LIST', '*': 'ANY', '+': 'SOME', '!': 'NOT'}


def parse(text, at, close):
    """The alternatives up to `close`, each a list of (kind, value); and the place behind it."""
    alternatives, sequence = [], []
    while at < len(text) and text[at] != close:
        c = text[at]
        if c == '|':
            alternatives.append(sequence)
            sequence = []
            at += 1
        elif c == ' ':
            at += 1
        elif c in OPENERS or (c in '*+!' and text[at + 1] == '('):
            opener = at if c in OPENERS else at + 1
            inner, at = parse(text, opener + 1, OPENERS[text[opener]])
            sequence.append((GROUPS[c], inner))
        elif c == '%':
            sequence.append(('OPERAND', text[at + 1]))
            at += 2
        elif c == '$' or c.isupper() or c == '_':
            word = re.compile(r'\$[a-z]+|[A-Z_]+').match(text, at).group()
            sequence.append(('CALL', word[1:]) if c == '$' else ('WORD', word.lower()))
            at += len(word)
        elif c in TOKENS:
            sequence.append(('TOKEN', TOKENS[c]))
            at += 1
        elif c in '=@':
            sequence.append(('OP', 'SO_OP_EQ' if c == '=' else 'SO_OP_MUL'))
            at += 1
        else:
            sys.exit('%r in the pattern %r' % (c, text))
    if close and at == len(text):
        sys.exit('no %s in the pattern %r' % (close, text))
    return alternatives + [sequence], at + 1


class Compiler:
    def __init__(self, numbers, patterns):
        self.numbers, self.patterns = numbers, patterns
        self.codes, self.words, self.sets, self.calls, self.starts = ['0'], [], [], [], {}

    def first_of(self, sequence):
        """What it can begin with, None for anything; and whether it can be empty."""
        first = set()
        for kind, value in sequence:
            empty = kind in ('OPTIONAL', 'ANY', 'NOT')
            if kind == 'WORD':
                more = {self.numbers.get(value, 0)}
            elif kind == 'TOKEN':
                more = {value}
            elif kind in ('OPERAND', 'OP'):
                more = None
            elif kind == 'NOT':
                more = set()
            else:
                each = [self.first_of(s) for s in (self.patterns[value] if kind == 'CALL' else value)]
                more = None if any(f is None for f, _ in each) else set().union(*(f for f, _ in each))
                empty = empty or any(e for _, e in each)
            if more is None:
                return None, False
            first |= more
            if not empty:
                return first, False
        return first, True

    def filter_of(self, sequence):
        first, empty = self.first_of(sequence)
        if first is None or empty:
            return '0'
        if len(first) == 1:
            only = next(iter(first))
            return '0x4000 + ' + only if isinstance(only, str) else str(only)
        if any(isinstance(item, str) for item in first):
            return '0'
        if first not in self.sets:
            self.sets.append(first)
        return str(0x8000 + self.sets.index(first))

    def alternatives(self, alternatives):
        for i, sequence in enumerate(alternatives):
            self.codes += [self.filter_of(sequence), '0']
            link = len(self.codes) - 1
            for kind, value in sequence:
                self.element(kind, value)
            self.codes.append('0')
            if i < len(alternatives) - 1:
                self.codes[link] = str(len(self.codes))

    def element(self, kind, value):
        if kind == 'WORD' and value not in self.numbers:
            if value not in self.words:
                self.words.append(value)
            self.codes += ['DO_TEXT', str(self.words.index(value))]
        elif kind == 'WORD':
            self.codes += ['DO_WORD', 'SO_KW_' + value]
        elif kind == 'OPERAND':
            self.codes += ['DO_OPERAND', "'%s'" % value]
        elif kind in ('TOKEN', 'OP'):
            self.codes += ['DO_' + kind, value]
        elif kind == 'CALL':
            self.codes += ['DO_CALL', '0']
            self.calls.append((len(self.codes) - 1, value))
        else:
            self.codes += ['DO_' + kind, '0']
            link = len(self.codes) - 1
            self.alternatives(value)
            self.codes[link] = str(len(self.codes))

    def compile(self):
        for name, alternatives in self.patterns.items():
            self.starts[name] = len(self.codes)
            self.alternatives(alternatives)
        for at, name in self.calls:
            self.codes[at] = str(self.starts[name])
        if len(self.codes) > 0xFFFF:
            sys.exit('the patterns are too long for indexes of 16 bits')


def rows(values, per_line):
    return '\n'.join('\t' + ', '.join(values[i:i + per_line]) + ',' for i in range(0, len(values), per_line))


def main():
    words = re.findall(r'^X\((\w+), (\w+)', open(sys.argv[1]).read(), re.M)
    numbers = {word: number for number, (word, cls) in enumerate(words, 1) if cls != 'NO'}
    source = re.sub(r'/\*.*?\*/', '', open(sys.argv[2]).read(), flags=re.S)
    patterns = {}
    for name, text in re.findall(r'\{ "(\w+)",((?:\s*"[^"]*")+) \}', source):
        patterns[name] = parse(''.join(re.findall(r'"([^"]*)"', text)), 0, '')[0]
    compiler = Compiler(numbers, patterns)
    compiler.compile()
    print('/* Made by pattern_code.py from postgresql.pattern. */')
    print('static const uint16_t pattern_codes[] = {\n%s\n};' % rows(compiler.codes, 16))
    print('static const char *const pattern_words[] = {\n%s\n};' % rows(['"%s"' % w for w in compiler.words], 12))
    print('static const uint64_t pattern_sets[][(SO_KW_MAX + 63) / 64] = {')
    for first in compiler.sets:
        bits = sum(1 << number for number in first)
        size = (len(words) + 1 + 63) // 64
        print('\t{ %s },' % ', '.join('0x%xu' % (bits >> 64 * i & (1 << 64) - 1) for i in range(size)))
    print('};\n/* Where the pattern of a statement begins, by its first word. */')
    print('static const uint16_t pattern_starts[SO_KW_MAX] = {')
    for name, start in compiler.starts.items():
        if name in numbers:
            print('\t[SO_KW_%s] = %d,' % (name, start))
    print('};')


main()
