package io.muster.runtime.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.hazelcast.config.XmlConfigBuilder;
import com.hazelcast.internal.serialization.Data;
import com.hazelcast.internal.serialization.InternalSerializationService;
import com.hazelcast.internal.serialization.impl.DefaultSerializationServiceBuilder;
import com.hazelcast.spi.exception.RetryableHazelcastException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What the shipped allow-list lets a member read from the network. */
class DeserializationFilterTest {
  private final InternalSerializationService open =
      new DefaultSerializationServiceBuilder().build();
  private final InternalSerializationService shipped = shipped();

  @Test
  void exceptionsTravelWithCausesAndSuppressedOnes() {
    IllegalStateException sent = new IllegalStateException("why", new RuntimeException("because"));
    sent.addSuppressed(new ExecutionException(new InterruptedException()));
    sent.addSuppressed(new RetryableHazelcastException("later"));

    Throwable read = shipped.toObject(toData(sent));

    assertThat(read).hasMessage("why").hasRootCauseMessage("because");
    assertThat(read.getSuppressed()).hasSize(2);
    assertThat(read.getStackTrace()).isNotEmpty();
  }

  @Test
  void whatIsNotListedDoesNot() {
    for (Object foreign : List.of(URI.create("http://x"), new AtomicInteger(), Locale.ROOT)) {
      Data sent = toData(foreign);

      assertThatThrownBy(() -> shipped.toObject(sent))
          .hasRootCauseInstanceOf(SecurityException.class)
          .hasRootCauseMessage(
              "Resolving class " + foreign.getClass().getName() + " is not allowed.");
    }
  }

  private Data toData(Object object) {
    return open.toData(object);
  }

  private static InternalSerializationService shipped() {
    try (InputStream in = ClusterConfig.class.getResourceAsStream("/cluster.xml")) {
      return new DefaultSerializationServiceBuilder()
          .setConfig(new XmlConfigBuilder(in).build().getSerializationConfig())
          .build();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
