package io.muster.hub.http;

import io.vertx.ext.web.Router;

/** Routes that a feature adds to the hub's HTTP; called once, on the hub's event loop. */
public interface ApiRoutes {
  void add(Router router, Api api);
}
