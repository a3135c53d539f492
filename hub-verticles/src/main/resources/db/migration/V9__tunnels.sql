-- Tunnels of frp servers. Times are milliseconds since 1970 by a hub's clock.

-- The frp server that a node said it uses.
CREATE TABLE tunnel_node (
  node_id   VARCHAR(200) NOT NULL PRIMARY KEY,
  server    VARCHAR(300) NOT NULL,
  synced_at BIGINT NOT NULL
);

CREATE TABLE tunnel (
  node_id     VARCHAR(200) NOT NULL,
  name        VARCHAR(40) NOT NULL,
  type        VARCHAR(10) NOT NULL,
  local_host  VARCHAR(260) NOT NULL,
  local_port  INTEGER NOT NULL,
  -- What was asked for; 0: any. What it got is its lease.
  remote_port INTEGER NOT NULL,
  domains     TEXT NOT NULL,
  -- By the hub; else by the node's own settings.
  ordered     BOOLEAN NOT NULL,
  created_at  BIGINT NOT NULL,
  PRIMARY KEY (node_id, name)
);

-- What makes that two nodes never get one port: the key.
CREATE TABLE tunnel_lease (
  server    VARCHAR(300) NOT NULL,
  protocol  VARCHAR(10) NOT NULL,
  port      INTEGER NOT NULL,
  node_id   VARCHAR(200) NOT NULL,
  name      VARCHAR(40) NOT NULL,
  leased_at BIGINT NOT NULL,
  PRIMARY KEY (server, protocol, port),
  UNIQUE (node_id, name)
);
