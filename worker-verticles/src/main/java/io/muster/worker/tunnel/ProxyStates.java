package io.muster.worker.tunnel;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Reads what frpc says of its tunnels, {@code GET /api/status}. Pure. */
final class ProxyStates {
  private ProxyStates() {}

  /**
   * One of them.
   *
   * @param phase frp's word: {@code running}, {@code start error}, {@code wait start} …
   * @param error null for none
   * @param remote where the server listens for it, null where it does not
   */
  record ProxyState(String phase, String error, String remote) {
    /** The same, with what is secret taken out of what is shown to people. */
    ProxyState masked(UnaryOperator<String> mask) {
      return error == null ? this : new ProxyState(phase, mask.apply(error), remote);
    }
  }

  /**
   * By name; some versions of frpc put the user before it, some do not.
   *
   * @param user as in its configuration
   */
  static Map<String, ProxyState> read(JsonObject status, String user) {
    Map<String, ProxyState> states = new HashMap<>();
    for (String type : status.fieldNames()) {
      if (status.getValue(type) instanceof JsonArray proxies) {
        for (Object element : proxies) {
          if (element instanceof JsonObject proxy) {
            String name = proxy.getString("name", "");
            String bare = name.startsWith(user + ".") ? name.substring(user.length() + 1) : name;
            states.put(
                bare,
                new ProxyState(
                    proxy.getString("status", ""),
                    orNull(proxy.getString("err")),
                    orNull(proxy.getString("remote_addr"))));
          }
        }
      }
    }
    return states;
  }

  private static String orNull(String text) {
    return text == null || text.isEmpty() ? null : text;
  }
}
