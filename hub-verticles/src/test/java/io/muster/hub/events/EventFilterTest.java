package io.muster.hub.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class EventFilterTest {
  @Test
  void takesNamesAndBeginnings() {
    EventFilter filter = EventFilter.parse(" node_*, task_failed ,");
    assertThat(filter.accepts("node_registered")).isTrue();
    assertThat(filter.accepts("task_failed")).isTrue();
    assertThat(filter.accepts("task_created")).isFalse();
    assertThat(filter.names()).containsExactly("node_*", "task_failed");
    assertThat(EventFilter.parse("").accepts("anything")).isTrue();
    assertThat(EventFilter.of(List.of()).accepts("anything")).isTrue();
  }

  @Test
  void namesTheOneThatIsNoEvent() {
    assertThatThrownBy(() -> EventFilter.parse("node_*,nodes"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'nodes'");
    assertThatThrownBy(() -> EventFilter.parse("foo*")).hasMessageContaining("'foo*'");
  }
}
