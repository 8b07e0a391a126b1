0SELECT id, amount FROM payments WHERE provider_ref = '100000777' OR provider_ref = '100000778' OR provider_ref = '100000779'
