-- What nodes and API keys may use and have used. Times in BIGINT are milliseconds since 1970 by the
-- database's clock.

-- What differs from the defaults; NULL: as for whatever is less specific, -1: no limit.
CREATE TABLE quota_override (
  scope               VARCHAR(40) NOT NULL,
  name                VARCHAR(400) NOT NULL,
  requests_per_minute BIGINT,
  tokens_per_day      BIGINT,
  streams             BIGINT,
  burst               INTEGER,
  changed_at          BIGINT NOT NULL,
  changed_by          VARCHAR(400),
  PRIMARY KEY (scope, name)
);

-- What was used: tokens of the day (days since 1970, UTC), requests by the second.
CREATE TABLE quota_use (
  principal  VARCHAR(410) NOT NULL PRIMARY KEY,
  used_day   BIGINT NOT NULL,
  tokens     BIGINT NOT NULL,
  requests   TEXT NOT NULL,
  changed_at BIGINT NOT NULL
);

-- The hubs that hold something, each for as long as its lease.
CREATE TABLE quota_hub (
  hub_id      VARCHAR(100) NOT NULL PRIMARY KEY,
  lease_until TIMESTAMP WITH TIME ZONE NOT NULL
);

-- What is reserved for requests that run: gone when they end, or with their hub.
CREATE TABLE quota_hold (
  id        VARCHAR(150) NOT NULL PRIMARY KEY,
  principal VARCHAR(410) NOT NULL,
  hub_id    VARCHAR(100) NOT NULL REFERENCES quota_hub (hub_id) ON DELETE CASCADE,
  tokens    BIGINT NOT NULL,
  streams   INTEGER NOT NULL
);

CREATE INDEX quota_hold_principal ON quota_hold (principal);
CREATE INDEX quota_hold_hub ON quota_hold (hub_id);
