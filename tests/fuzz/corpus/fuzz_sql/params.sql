0SELECT interval $1, extract($2 from created_at), x::numeric(10,2)[], $3::text FROM t WHERE a = ANY($4) AND b IN ($5 /*, ... */)
