package io.muster.hub.ops;

import io.muster.hub.fleet.NodeView;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.util.concurrent.TimeoutException;

/**
 * A worker that WORKERS names, as it was found last.
 *
 * @param url its HTTP interface
 * @param nodeId what it says its id is, null until it said so
 * @param reachable whether it answered when it was last asked
 * @param status what it said of its health, null when it did not
 * @param finding how it was found, for people
 * @param since when it was first found like this, in milliseconds since 1970
 */
public record ExpectedWorker(
    String url, String nodeId, boolean reachable, String status, String finding, long since) {

  static ExpectedWorker notAsked(String url, long now) {
    return new ExpectedWorker(url, null, false, null, "was not asked yet", now);
  }

  ExpectedWorker answered(JsonObject health, long now) {
    String id = text(health, "id");
    String said = text(health, "status");
    String what = "answers" + (id == null ? "" : " as " + id) + (said == null ? "" : ", " + said);
    return next(id == null ? nodeId : id, true, said, what, now);
  }

  ExpectedWorker silent(Throwable cause, long now) {
    return next(nodeId, false, null, explain(cause), now);
  }

  private ExpectedWorker next(String id, boolean answers, String said, String what, long now) {
    long from = answers == reachable && what.equals(finding) ? since : now;
    return new ExpectedWorker(url, id, answers, said, what, from);
  }

  /** Its node id, or {@code host:port} as long as that is not known. */
  String id() {
    return nodeId == null ? url.substring(url.indexOf("://") + 3) : nodeId;
  }

  /** Whether it is this node. */
  boolean is(NodeView node) {
    if (nodeId != null) {
      return nodeId.equals(node.info().id());
    }
    String endpoint = node.info().endpoint();
    return endpoint != null && Endpoint.normal(endpoint).equals(url);
  }

  /** Why it is shown as unknown. */
  String reason() {
    return "named in WORKERS, not on the bus; it " + finding;
  }

  private static String text(JsonObject json, String name) {
    return json.getValue(name) instanceof String value && value.length() <= 200 ? value : null;
  }

  private static String explain(Throwable cause) {
    if (cause instanceof ExpectedWorkers.UnexpectedAnswer) {
      return "answers with " + cause.getMessage();
    }
    if (cause instanceof DecodeException || cause instanceof ClassCastException) {
      return "answers, but not as a worker does";
    }
    if (cause instanceof UnknownHostException) {
      return "does not answer: its host name is not known";
    }
    if (cause instanceof TimeoutException) {
      return "does not answer in time";
    }
    if (cause instanceof ConnectException) {
      return "does not answer: "
          + (String.valueOf(cause.getMessage()).contains("refused")
              ? "connection refused"
              : "no connection");
    }
    return "does not answer: " + cause.getClass().getSimpleName();
  }
}
