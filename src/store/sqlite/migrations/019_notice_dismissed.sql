-- Since when nobody wants to see it any more; 0: shown.
ALTER TABLE notice ADD COLUMN dismissed_us INTEGER NOT NULL DEFAULT 0;
