-- The runs that a server which died has left behind are looked for at each start.
CREATE INDEX run_unfinished ON run (complete) WHERE complete = 0;
