-- What all hubs of this database sign their commands to nodes with: one row. Nodes keep the public
-- half, so it is not made anew with every process as a hub's own key is.
CREATE TABLE fleet_key (
  id          INTEGER NOT NULL PRIMARY KEY,
  -- PKCS#8 in PEM.
  private_key VARCHAR(2000) NOT NULL,
  created_at  BIGINT NOT NULL
);
