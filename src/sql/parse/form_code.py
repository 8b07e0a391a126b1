"""Compiles forms: form_code.py KEYWORDS.def NAME.form PREFIX kept|checked OUT.h OUT.c

The language is described in sql/parse/form.h. A form becomes 16-bit codes, which form.c runs:
  group        set of all that it can begin with, alternatives
  alternative  set of what it can begin with, index of the next alternative or 0, elements, 0
  element      what it is, what it takes; a group inside follows its element
Set 0 is anything. A form is known by the index of its group: the constants of OUT.h."""
import re
import sys

CLOSERS = {']': 'OPTIONAL', ']*': 'ANY', '}': 'OF', '}+': 'SOME', '},': 'LIST'}
OPENERS = {'[': ']', '{': '}', '!{': '}', '~{': '}'}
AHEAD = {'!': 'NOT', '~': 'AHEAD'}
TOKENS = {'(': 'SO_TOK_LPAREN', ')': 'SO_TOK_RPAREN', ',': 'SO_TOK_COMMA', '.': 'SO_TOK_DOT', ';': 'SO_TOK_SEMICOLON'}
NAMES = {'SO_TOK_WORD', 'SO_TOK_QUOTED', 'SO_TOK_UQUOTED'}
STRINGS = {'SO_TOK_STRING', 'SO_TOK_ESTRING', 'SO_TOK_QSTRING', 'SO_TOK_USTRING', 'SO_TOK_NSTRING', 'SO_TOK_DOLLAR', 'SO_TOK_CUT'}
# What kept values can begin with; anything when it is not told here.
VALUES = {'n': NAMES, 'q': NAMES, 'c': NAMES, 'T': NAMES, 'L': {'SO_TOK_WORD', 'SO_TOK_QUOTED'}, 'i': {'SO_TOK_INT', 'SO_TOK_PARAM'},
          'v': {'SO_TOK_OP', 'SO_TOK_INT', 'SO_TOK_FLOAT', 'SO_TOK_PARAM'}, 's': STRINGS, 'V': {'SO_TOK_VARIABLE'}, 'd': {'SO_TOK_DOLLAR'},
          'h': STRINGS | {'SO_TOK_HEX', 'SO_TOK_BITS', 'SO_TOK_INT'}, 'z': {'SO_TOK_INT', 'SO_TOK_FLOAT'}}
# The same of values that are only checked.
CHECKED = {'n': NAMES, 'p': NAMES, 'N': NAMES, 'l': NAMES, 'I': NAMES, 'q': NAMES, 'g': NAMES, 't': NAMES, 'r': NAMES, 'R': NAMES,
           's': STRINGS, 'w': STRINGS | NAMES, 'v': STRINGS | NAMES, 'u': {'SO_TOK_INT'}, 'i': {'SO_TOK_OP', 'SO_TOK_INT'},
           'f': {'SO_TOK_OP', 'SO_TOK_INT', 'SO_TOK_FLOAT'}, 'o': {'SO_TOK_OP', 'SO_TOK_WORD'},
           'Q': {'SO_TOK_WORD', 'SO_TOK_LPAREN'}, 'S': {'SO_TOK_WORD', 'SO_TOK_LPAREN'}}
# Signs that are an operator of one character in every dialect.
OPERATORS = {'=': 'SO_OP_EQ', '*': 'SO_OP_MUL'}


class Anything(Exception):
    pass


class Source:
    """The elements of a form, which white space separates."""

    def __init__(self, name, text):
        self.name, self.elements, self.at = name, text.split(), 0

    def fail(self, what):
        sys.exit('form %s: %s' % (self.name, what))

    def alternatives(self, opener):
        """Up to the element that closes, which is returned as well: each a list of (kind, value)."""
        alternatives, sequence = [], []
        while self.at < len(self.elements):
            element = self.elements[self.at]
            self.at += 1
            if element == '|':
                alternatives.append(sequence)
                sequence = []
            elif element[0] in ']}' and (opener is None or element not in CLOSERS or element[0] != OPENERS[opener]):
                self.fail('%s does not close %s' % (element, opener))
            elif element[0] in ']}':
                return alternatives + [sequence], element
            else:
                sequence.append(self.element(element))
        if opener:
            self.fail('nothing closes %s' % opener)
        return alternatives + [sequence], None

    def element(self, text):
        if text in OPENERS:
            inner, closer = self.alternatives(text)
            return (AHEAD[text[0]] if text[0] in AHEAD else CLOSERS[closer]), inner
        if text[0] in AHEAD and len(text) > 1:
            return AHEAD[text[0]], [[self.element(text[1:])]]
        if re.fullmatch(r'\?\w+', text):
            return 'IF', text[1:]
        if text[0] == '$' and len(text) == 2:
            return 'VALUE', text[1]
        if re.fullmatch(r'<\w+>', text):
            return 'CALL', text[1:-1]
        if text[0] == '\\' and len(text) > 1:
            text = text[1:]
        elif re.match(r'[$\\]|[<!~]\w', text):
            self.fail('%s is no element' % text)
        if re.fullmatch(r'[a-z_]\w*', text):
            return 'WORD', text
        if text in OPERATORS:
            return 'OP', OPERATORS[text]
        return ('TOKEN', TOKENS[text]) if text in TOKENS else ('SIGN', text)


def known_first(sequence):
    """The word or token that a sequence begins with; None when it is something else."""
    return sequence[0] if sequence and sequence[0][0] in ('WORD', 'TOKEN', 'OP', 'SIGN') else None


def factored(alternatives):
    """a b | a c as a { b | c }: what begins alike is read once. One of several words or tokens is found wherever it stands,
    as long as nothing but words and tokens stands between."""
    merged = []
    for sequence in alternatives:
        sequence = [(kind, factored(value) if isinstance(value, list) else value) for kind, value in sequence]
        first = known_first(sequence)
        for group in reversed(merged):
            if first is None or group[0] is None:
                merged.append((None, [sequence]) if first is None else (first, [sequence]))
                break
            if group[0] == first:
                group[1].append(sequence)
                break
        else:
            merged.append((first, [sequence]))
    return [group[0] if len(group) == 1 else [first, ('OF', factored([sequence[1:] for sequence in group]))]
            for first, group in merged]


class Compiler:
    def __init__(self, numbers, forms, kept):
        self.numbers, self.forms, self.values = numbers, forms, VALUES if kept else CHECKED
        self.codes, self.texts, self.sets, self.calls, self.starts = ['0'], [], [], [], {}

    # ---- What an alternative can begin with: words, and kinds of tokens

    def first_of_element(self, kind, value):
        """And whether the element can be empty."""
        if kind == 'WORD':
            return {value}, False
        if kind == 'TOKEN':
            return {value}, False
        if kind == 'OP':
            return {'SO_TOK_OP'}, False
        if kind == 'VALUE' and value in self.values:
            return self.values[value], False
        if kind in ('VALUE', 'SIGN'):
            raise Anything
        if kind in ('NOT', 'IF'):
            return set(), True
        parts = [self.first_of(s) for s in (self.forms[value] if kind == 'CALL' else value)]
        empty = kind in ('OPTIONAL', 'ANY') or any(e for _, e in parts)
        if kind == 'AHEAD' and empty:
            raise Anything
        return set().union(*(first for first, _ in parts)), empty

    def first_of(self, sequence):
        first = set()
        for kind, value in sequence:
            more, empty = self.first_of_element(kind, value)
            first |= more
            if not empty:
                return first, False
        return first, True

    def set_of(self, alternatives):
        try:
            parts = [self.first_of(sequence) for sequence in alternatives]
        except Anything:
            return '0'
        if any(empty for _, empty in parts):
            return '0'
        first = set().union(*(f for f, _ in parts))
        if first not in self.sets:
            self.sets.append(first)
        return str(1 + self.sets.index(first))

    # ---- Codes

    def group(self, alternatives):
        self.codes.append(self.set_of(alternatives))
        for i, sequence in enumerate(alternatives):
            self.codes += [self.set_of([sequence]) if len(alternatives) > 1 else '0', '0']
            link = len(self.codes) - 1
            for kind, value in sequence:
                self.element(kind, value)
            self.codes.append('0')
            if i < len(alternatives) - 1:
                self.codes[link] = str(len(self.codes))

    def text(self, value):
        if value not in self.texts:
            self.texts.append(value)
        return str(self.texts.index(value))

    def element(self, kind, value):
        if kind == 'WORD' and value in self.numbers:
            self.codes += ['DO_WORD', 'SO_KW_' + value]
        elif kind == 'WORD':
            self.codes += ['DO_TEXT', self.text(value)]
        elif kind == 'SIGN':
            self.codes += ['DO_SIGN', self.text(value)]
        elif kind in ('TOKEN', 'OP'):
            self.codes += ['DO_' + kind, value]
        elif kind == 'VALUE':
            self.codes += ['DO_VALUE', "'%s'" % value]
        elif kind == 'IF':
            self.codes += ['DO_IF', 'SO_FEAT_' + value.upper()]
        elif kind == 'CALL':
            self.codes += ['DO_CALL', '0']
            self.calls.append((len(self.codes) - 1, value))
        else:
            self.codes += ['DO_' + kind, '0']
            link = len(self.codes) - 1
            self.group(value)
            self.codes[link] = str(len(self.codes))

    def compile(self):
        for name, alternatives in self.forms.items():
            self.starts[name] = len(self.codes)
            self.group(alternatives)
        for at, name in self.calls:
            self.codes[at] = str(self.starts[name])
        if len(self.codes) > 0xFFFF:
            sys.exit('the forms are too long for indexes of 16 bits')


def hash_of(word):
    """As so_form_hash in form.h."""
    return (ord(word[0]) * 5 + len(word)) & 63


def read(path):
    forms, name = {}, None
    for line in open(path):
        started = re.match(r'(\w+):$', line)
        if started:
            name = started[1]
            if name in forms:
                sys.exit('form %s is there twice' % name)
            forms[name] = ''
        elif line[0] == '\t':
            forms[name] += ' ' + line
        elif line.strip() and line[0] != '#':
            sys.exit('%s: %r is no form' % (path, line))
    return {name: factored(Source(name, text).alternatives(None)[0]) for name, text in forms.items()}


def check_calls(forms):
    def walk(name, alternatives):
        for sequence in alternatives:
            for kind, value in sequence:
                if kind == 'CALL' and value not in forms:
                    sys.exit('form %s: there is no form %s' % (name, value))
                if isinstance(value, list):
                    walk(name, value)
    for name, alternatives in forms.items():
        walk(name, alternatives)


def rows(values, per_line):
    return '\n'.join('\t' + ', '.join(values[i:i + per_line]) + ',' for i in range(0, len(values), per_line)) or '\t0'


def quoted(text):
    return '"%s"' % text.replace('\\', '\\\\').replace('?', '\\?')


def set_row(first, numbers):
    kinds = ' | '.join('(uint64_t)1 << ' + kind for kind in sorted(first) if kind.startswith('SO_')) or '0'
    words = [word for word in first if not word.startswith('SO_')]
    texts = sum({1 << hash_of(word) for word in words})
    bits = sum(1 << numbers[word] for word in words if word in numbers)
    size = (len(numbers) + 1 + 63) // 64
    return '\t{ %s, 0x%xu, { %s } },' % (kinds, texts, ', '.join('0x%xu' % (bits >> 64 * i & (1 << 64) - 1) for i in range(size)))


def functions(starts):
    """Forms that are found by the name of a function, by the hash of the name."""
    found = sorted((hash_of(name[3:]), name[3:], start) for name, start in starts.items() if name.startswith('fn_'))
    return (['{ %s, %d }' % (quoted(name), start) for _, name, start in found],
            [str(sum(1 for h, _, _ in found if h < n)) for n in range(65)])


def main():
    keywords, path, prefix, mode, header, source = sys.argv[1:]
    words = re.findall(r'^X\((\w+),', open(keywords).read(), re.M)
    numbers = {word: number for number, word in enumerate(words, 1)}
    forms = read(path)
    check_calls(forms)
    compiler = Compiler(numbers, forms, mode == 'kept')
    compiler.compile()
    lower, upper = 'so_%s_form' % prefix, 'SO_%s_' % prefix.upper()
    with open(header, 'w') as out:
        out.write('/* Made by form_code.py from %s. */\nenum %s {\n' % (path.split('/')[-1], lower))
        for name, start in compiler.starts.items():
            out.write('\t%s%s = %d,\n' % (upper, name, start))
        out.write('};\n')
    calls, hashes = functions(compiler.starts)
    with open(source, 'w') as out:
        out.write('/* Made by form_code.py from %s. */\n#include "sql/parse/form.h"\n' % path.split('/')[-1])
        # the machine reads codes in pairs, also where the last one ends alone
        out.write('static const uint16_t codes[] = {\n%s\n};\n' % rows(compiler.codes + ['0'], 16))
        out.write('static const char *const texts[] = {\n%s\n};\n' % rows([quoted(t) for t in compiler.texts], 12))
        out.write('static const struct so_form_set sets[] = {\n\t{ 0, 0, { 0 } },\n%s\n};\n'
                  % '\n'.join(set_row(first, numbers) for first in compiler.sets))
        if calls:
            out.write('static const struct so_form_name functions[] = {\n%s\n};\n' % rows(calls, 4))
            out.write('static const uint8_t by_hash[65] = {\n%s\n};\n' % rows(hashes, 16))
        out.write('const struct so_forms %ss = { codes, texts, sets, %s, %s };\n'
                  % (lower, 'functions, by_hash' if calls else 'NULL, NULL', 'NULL' if mode == 'kept' else 'so_%s_check' % prefix))
        if mode == 'checked':
            out.write('const uint16_t %s_starts[SO_KW_MAX] = {\n' % lower)
            for name, start in compiler.starts.items():
                if name in numbers:
                    out.write('\t[SO_KW_%s] = %d,\n' % (name, start))
            out.write('};\n')


main()
