package io.muster.bench.upstream;

import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;

/**
 * Serves {@code POST /v1/chat/completions} and {@code GET /v1/models}. Which answer a request gets
 * follows from its model and its {@code stream} flag, because these are what every proxy passes on.
 * It speaks HTTP/1.1 by itself and no more of it than a proxy needs: whatever the upstream uses is
 * missing to the subjects, who share the machine with it.
 */
final class UpstreamVerticle extends VerticleBase {
  private Pacer pacer;
  private NetServer server;
  private final int wantedPort;

  UpstreamVerticle(int wantedPort) {
    this.wantedPort = wantedPort;
  }

  @Override
  public Future<?> start() {
    pacer = new Pacer(vertx);
    server =
        vertx
            .createNetServer(
                new NetServerOptions()
                    .setHost("127.0.0.1")
                    .setPort(wantedPort)
                    .setAcceptBacklog(4096)
                    .setTcpNoDelay(true))
            .connectHandler(this::connected);
    return server.listen();
  }

  /** The port in use. */
  int port() {
    return server.actualPort();
  }

  private void connected(NetSocket socket) {
    socket.handler(new RequestReader(request -> answer(request, socket)));
  }

  private void answer(UpstreamRequest request, NetSocket socket) {
    switch (request.path()) {
      case "/v1/chat/completions" -> chat(ChatQuestion.of(request.body()), socket);
      case "/v1/models" -> send(socket, ChatAnswers.MODELS);
      default -> send(socket, ChatAnswers.NOT_FOUND);
    }
  }

  private void chat(ChatQuestion question, NetSocket socket) {
    if (!question.stream()) {
      send(socket, ChatAnswers.WHOLE);
    } else if (question.paced()) {
      pacer.add(socket, question.wantsUsage());
    } else {
      send(
          socket,
          question.wantsUsage() ? ChatAnswers.STREAM_WITH_USAGE : ChatAnswers.STREAM_WITHOUT_USAGE);
    }
  }

  private static void send(NetSocket socket, Buffer answer) {
    Future<Void> sent = socket.write(answer);
    sent.onFailure(gone -> socket.close());
  }
}
