0SELECT id, amount FROM payments WHERE provider_ref::bigint = 100000777
