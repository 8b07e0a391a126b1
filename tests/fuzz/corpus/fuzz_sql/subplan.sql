0((hashed SubPlan 2) AND (x = $0) AND (a ~~ '%b%'::text) AND (s = ANY ('{a,b}'::text[])))
