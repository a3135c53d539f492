-- One SQL for H2 (MODE=PostgreSQL) and PostgreSQL. Times are milliseconds since 1970 by a hub's clock.

-- Nodes' figures over time, at several resolutions, each kept for a while of its own.
CREATE TABLE node_history (
  node_id  VARCHAR(400) NOT NULL,
  -- The resolution: so many seconds does a row stand for, from at on.
  step     INTEGER NOT NULL,
  at       BIGINT NOT NULL,
  -- {"cpu":[mean,most],...}
  figures  TEXT NOT NULL,
  PRIMARY KEY (node_id, step, at)
);

CREATE INDEX node_history_age ON node_history (step, at);
