0SELECT $tag$ it's $x$ $tag$, U&'\0041' UESCAPE '!', B'01', x'ff', "Quoted ""name""" -- comment
/* nested /* comment */ */ FROM "S"."T"
