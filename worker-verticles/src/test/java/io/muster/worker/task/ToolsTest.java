package io.muster.worker.task;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ToolsTest {
  private final Vertx vertx = Vertx.vertx();
  private final AtomicInteger changes = new AtomicInteger();
  private final Tools tools = new Tools(changes::incrementAndGet);

  @AfterEach
  void close() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get();
  }

  @Test
  void whatIsOffIsNotOfferedWhenItComesInEither() {
    tools.off(List.of("sleep"));
    tools.add(DemoTools.of(vertx));
    assertThat(tools.names()).containsExactly("echo");
    assertThat(tools.find("sleep")).isEmpty();

    tools.off(List.of());
    assertThat(tools.names()).containsExactlyInAnyOrder("echo", "sleep");
    assertThat(tools.find("sleep")).isPresent();
    assertThat(changes).hasValue(3);

    tools.off(List.of());
    assertThat(changes).as("nothing changed").hasValue(3);
  }
}
