package io.muster.worker.link;

import io.muster.relay.RelayPeer;
import io.muster.runtime.process.StartRefused;
import io.muster.runtime.settings.Catalogue;
import io.muster.runtime.settings.Loopback;
import io.muster.runtime.settings.Settings;
import io.muster.runtime.settings.SocketSettings;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.net.PemTrustOptions;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * What the settings say of the socket to the hub.
 *
 * @param url as it was given
 * @param ca PEM of those whose certificates are trusted, null for the system's
 * @param connectMs for the connection, and again for being admitted
 * @param silenceMs of the hub, after which the connection counts as broken
 */
record SocketOptions(
    URI url,
    Buffer ca,
    int connectMs,
    long retryMinMs,
    long retryMaxMs,
    long pingMs,
    long silenceMs,
    int messageBytes,
    int queueBytes) {
  private static final String PATH = "/api/nodes/socket";
  private static final int HTTP_PORT = 80;
  private static final int HTTPS_PORT = 443;

  /** A hub sends smaller ones; this is what is read without complaint. */
  private static final int FRAME_BYTES = 1 << 20;

  /** Nothing is asked of a worker in such numbers. */
  private static final int QUESTIONS = 1024;

  /**
   * Whether the worker joins by socket: as {@code NODE_LINK} says, or, where it says {@code auto},
   * when it knows a hub's address, no member of a cluster, and is on no network that a cluster
   * could use.
   *
   * @throws StartRefused when there is no address to go to
   */
  static boolean wanted(Settings settings) {
    boolean url = settings.find(Catalogue.ROOT_NODE_URL).isPresent();
    switch (settings.get(SocketSettings.NODE_LINK)) {
      case "cluster":
        return false;
      case "socket":
        if (!url) {
          throw new StartRefused(
              "NODE_LINK=socket: ROOT_NODE_URL is not set: set it to the hub's address, such as"
                  + " https://hub.example");
        }
        return true;
      default:
        return url
            && settings.get(Catalogue.CLUSTER_MEMBERS).isEmpty()
            && Loopback.is(settings.get(Catalogue.CLUSTER_HOST));
    }
  }

  /**
   * Reads them, and the CA's file.
   *
   * @throws StartRefused when the file cannot be used
   */
  static SocketOptions of(Settings settings) {
    return new SocketOptions(
        settings.get(Catalogue.ROOT_NODE_URL),
        settings.find(SocketSettings.ROOT_NODE_CA).isPresent() ? ca(settings) : null,
        settings.get(SocketSettings.SOCKET_CONNECT_TIMEOUT_MS),
        settings.get(SocketSettings.SOCKET_RETRY_MIN_MS),
        settings.get(SocketSettings.SOCKET_RETRY_MAX_MS),
        settings.get(SocketSettings.SOCKET_PING_MS),
        settings.get(SocketSettings.SOCKET_SILENCE_MS),
        settings.get(SocketSettings.RELAY_MESSAGE_BYTES),
        settings.get(SocketSettings.RELAY_QUEUE_BYTES));
  }

  private static Buffer ca(Settings settings) {
    Path file = settings.folder(SocketSettings.ROOT_NODE_CA);
    try {
      String pem = Files.readString(file);
      if (pem.contains("BEGIN CERTIFICATE")) {
        return Buffer.buffer(pem);
      }
    } catch (IOException e) {
      throw new StartRefused("ROOT_NODE_CA=" + file + ": this file cannot be read", e);
    }
    throw new StartRefused("ROOT_NODE_CA=" + file + ": this file holds no \"BEGIN CERTIFICATE\"");
  }

  private boolean tls() {
    String scheme = url.getScheme().toLowerCase(Locale.ROOT);
    return scheme.equals("https") || scheme.equals("wss");
  }

  /** Whether what is sent can be read on the way by others than this machine. */
  boolean isOpen() {
    return !tls() && !Loopback.is(url.getHost());
  }

  /**
   * A path of {@code ws} and {@code wss} is the socket's own; of {@code http} what is before it.
   */
  String path() {
    String path = url.getRawPath() == null ? "" : url.getRawPath();
    boolean none = path.isEmpty() || path.equals("/");
    if (!none && url.getScheme().toLowerCase(Locale.ROOT).startsWith("ws")) {
      return url.getRawQuery() == null ? path : path + "?" + url.getRawQuery();
    }
    return (path.endsWith("/") ? path.substring(0, path.length() - 1) : path) + PATH;
  }

  /**
   * Limits of the relay.
   *
   * @param frameBytes the biggest frame that the hub takes
   */
  RelayPeer.Limits limits(int frameBytes) {
    return new RelayPeer.Limits(
        Math.min(frameBytes, RelayPeer.USUAL_FRAME_BYTES), messageBytes, queueBytes, QUESTIONS);
  }

  WebSocketClientOptions client() {
    WebSocketClientOptions options =
        new WebSocketClientOptions()
            .setConnectTimeout(connectMs)
            .setSslHandshakeTimeout(Math.max(1, connectMs / 1000))
            .setTcpNoDelay(true)
            .setTcpKeepAlive(true)
            .setVerifyHost(true)
            .setTrustAll(false)
            .setMaxFrameSize(FRAME_BYTES)
            .setMaxMessageSize(FRAME_BYTES)
            // Seconds: a hub that is gone says no farewell.
            .setClosingTimeout(1);
    if (ca != null) {
      options.setTrustOptions(new PemTrustOptions().addCertValue(ca));
    }
    return options;
  }

  WebSocketConnectOptions connect() {
    int port = url.getPort() >= 0 ? url.getPort() : tls() ? HTTPS_PORT : HTTP_PORT;
    String host = url.getHost();
    WebSocketConnectOptions options = new WebSocketConnectOptions();
    options
        .setHost(host.startsWith("[") ? host.substring(1, host.length() - 1) : host)
        .setPort(port)
        .setSsl(tls())
        .setURI(path())
        .setTimeout(connectMs);
    return options;
  }
}
