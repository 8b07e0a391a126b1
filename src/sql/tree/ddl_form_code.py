"""Compiles the actions of ALTER for the parser: ddl_form_code.py KEYWORDS.def ddl_form.c > ddl_form_code.h

A row of ddl_form.c becomes elements, see parse/ddl_alter.c. The rows that can begin with a word are a list, in their order."""
import re
import sys

BITS = {'1': 'SO_DDL_IF_EXISTS', '2': 'SO_DDL_IF_NOT_EXISTS', '3': 'SO_DDL_CONCURRENTLY'}


def elements(text):
    """(kind, value) of each."""
    found = []
    for word, kept, group, optional, operand in re.findall(r'([A-Z_]+)|\{(\d)([A-Z_ ]+)\}|\[([A-Z_ ]+)\]|%(.)', text):
        if word:
            found.append(('WORD', word.lower()))
        elif kept:
            found.append(('KEPT', (BITS[kept], group.lower().split())))
        elif optional:
            found.append(('MAYBE', optional.lower().split()))
        else:
            found.append(('OPERAND', operand))
    # a word behind a name of several tokens is looked for at the end of the statement
    if len(found) > 1 and found[-1][0] == 'WORD' and found[-2] == ('OPERAND', 'T'):
        found[-1] = ('LAST', found[-1][1])
    return found


def codes_of(row):
    codes = []
    for kind, value in row:
        if kind in ('WORD', 'LAST'):
            codes += ['DO_' + kind, 'SO_KW_' + value]
        elif kind == 'OPERAND':
            codes += ['DO_OPERAND', "'%s'" % value]
        else:
            bit, words = value if kind == 'KEPT' else ('0', value)
            codes += ['DO_WORDS', bit, str(len(words))] + ['SO_KW_' + word for word in words]
    return codes + ['DO_END']


def rows(values, per_line):
    return '\n'.join('\t' + ', '.join(values[i:i + per_line]) + ',' for i in range(0, len(values), per_line))


def main():
    keywords = set(re.findall(r'^X\((\w+),', open(sys.argv[1]).read(), re.M))
    texts = re.findall(r'\bROW\(\w+,[^"]*?"([^"]*)"\)', open(sys.argv[2]).read())
    codes, starts, firsts = [], [], []
    for text in texts:
        row = elements(text)
        for kind, value in row:
            for word in [value] if kind in ('WORD', 'LAST') else value if kind == 'MAYBE' else value[1] if kind == 'KEPT' else []:
                if word not in keywords:
                    sys.exit('%s in the action %r is no keyword' % (word, text))
        starts.append(str(len(codes)))
        firsts.append(row[0][1] if row and row[0][0] == 'WORD' else None)
        codes += codes_of(row)
    # list 0: rows that begin with no word
    lists, by_word = [], {}
    for word in [None] + sorted({first for first in firsts if first}):
        by_word[word] = len(lists)
        lists += [str(i) for i in range(1, len(texts)) if firsts[i] in (None, word)] + ['0']
    print('/* Made by ddl_form_code.py from ddl_form.c. */')
    print('static const uint16_t codes[] = {\n%s\n};' % rows(codes, 12))
    print('static const uint16_t starts[] = {\n%s\n};' % rows(starts, 16))
    print('/* Rows, lists of which end with 0; and where the list of a first word begins. */')
    print('static const uint8_t lists[] = {\n%s\n};' % rows(lists, 24))
    print('static const uint8_t list_of[SO_KW_MAX] = {')
    for word, at in by_word.items():
        if word:
            print('\t[SO_KW_%s] = %d,' % (word, at))
    print('};')


main()
