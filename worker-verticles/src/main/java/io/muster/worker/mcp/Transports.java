package io.muster.worker.mcp;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.modelcontextprotocol.client.transport.HttpClientStreamableHttpTransport;
import io.modelcontextprotocol.client.transport.ServerParameters;
import io.modelcontextprotocol.client.transport.StdioClientTransport;
import io.modelcontextprotocol.json.McpJsonMapper;
import io.modelcontextprotocol.json.jackson2.JacksonMcpJsonMapper;
import io.modelcontextprotocol.spec.McpClientTransport;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The ways to MCP servers. */
final class Transports {
  private static final Logger log = LoggerFactory.getLogger(Transports.class);

  /** What of the environment a command gets: none of this process' secrets. */
  private static final Set<String> ENVIRONMENT =
      Set.of("PATH", "HOME", "LANG", "TZ", "TMPDIR", "USER");

  static final McpJsonMapper JSON = new JacksonMcpJsonMapper(new ObjectMapper());

  private Transports() {}

  /**
   * @param timeout to connect
   * @param maxBytes of one answer
   */
  static OwnTransport to(ServerAddress server, Duration timeout, int maxBytes) {
    return server.url() == null
        ? command(server, maxBytes)
        : new OwnTransport(http(server, timeout, maxBytes), () -> {});
  }

  private static McpClientTransport http(ServerAddress server, Duration timeout, int maxBytes) {
    URI url = server.url();
    String path = url.getRawPath().isEmpty() ? "/" : url.getRawPath();
    HttpClientStreamableHttpTransport.Builder builder =
        HttpClientStreamableHttpTransport.builder(url.getScheme() + "://" + url.getRawAuthority())
            .endpoint(url.getRawQuery() == null ? path : path + "?" + url.getRawQuery())
            .jsonMapper(JSON)
            .connectTimeout(timeout)
            .maxResponseSize(maxBytes)
            // A token goes where it was set for, and nowhere else.
            .customizeClient(client -> client.followRedirects(HttpClient.Redirect.NEVER));
    if (server.token() != null) {
      builder.httpRequestCustomizer(
          (request, method, uri, body, context) ->
              request.setHeader("Authorization", "Bearer " + server.token()));
    }
    return builder.build();
  }

  private static OwnTransport command(ServerAddress server, int maxBytes) {
    MarkedProcesses processes = new MarkedProcesses();
    List<String> command = server.command();
    ServerParameters parameters =
        ServerParameters.builder(command.get(0)).args(command.subList(1, command.size())).build();
    StdioClientTransport transport =
        new StdioClientTransport(parameters, JSON, maxBytes) {
          @Override
          protected ProcessBuilder getProcessBuilder() {
            ProcessBuilder builder = new ProcessBuilder();
            builder.environment().keySet().retainAll(ENVIRONMENT);
            processes.mark(builder);
            return builder;
          }
        };
    transport.setStdErrorHandler(line -> log.debug("{}: {}", server.name(), line));
    return new OwnTransport(transport, processes::kill);
  }
}
