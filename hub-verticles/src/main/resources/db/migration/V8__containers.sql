-- One SQL for H2 (MODE=PostgreSQL) and PostgreSQL. Times are milliseconds since 1970 by a hub's clock.

-- Which node a claim was given to, so that the same claim never has two containers.
CREATE TABLE container_claim (
  claim_id  VARCHAR(63) NOT NULL PRIMARY KEY,
  node_id   VARCHAR(150) NOT NULL,
  hash      VARCHAR(64) NOT NULL,
  at        BIGINT NOT NULL
);

CREATE TABLE model_server (
  name        VARCHAR(40) NOT NULL PRIMARY KEY,
  -- The container as it was asked for; its environment may hold secrets, which are never shown.
  spec        TEXT NOT NULL,
  -- Grows whenever it is placed: a claim of an earlier one is stale, wherever it is.
  generation  BIGINT NOT NULL,
  node_id     VARCHAR(150),
  created_at  BIGINT NOT NULL,
  created_by  VARCHAR(200),
  placed_at   BIGINT
);
