package io.muster.hub.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PostgresUrlTest {
  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      value = {
        "postgres://u:p@h:5433/n, jdbc:postgresql://h:5433/n, u, p",
        "postgresql://u:p@h/n, jdbc:postgresql://h/n, u, p",
        "POSTGRES://u@h/n, jdbc:postgresql://h/n, u, -",
        "postgres://h/n, jdbc:postgresql://h/n, -, -",
        "postgres://u:p%40%2F%25+x@h/n, jdbc:postgresql://h/n, u, p@/%+x",
        "postgres://u:p@x@h/n, jdbc:postgresql://h/n, u, p@x",
        "postgres://u:a:b@[::1]:5432/n, jdbc:postgresql://[::1]:5432/n, u, a:b",
        "postgres://u:p@h/n?sslmode=require&connect_timeout=3,"
            + " jdbc:postgresql://h/n?sslmode=require&connectTimeout=3, u, p",
        "postgres://h/n?user=u&password=p, jdbc:postgresql://h/n, u, p",
        "jdbc:postgresql://h:1/n?user=u&password=p%26&sslmode=verify-full,"
            + " jdbc:postgresql://h:1/n?sslmode=verify-full, u, p&",
        "jdbc:postgresql:n, jdbc:postgresql:n, -, -"
      })
  void bothFormsAreRead(String url, String jdbcUrl, String user, String password) {
    assertThat(PostgresUrl.parse(" " + url + " "))
        .isEqualTo(new PostgresUrl(jdbcUrl, user, password));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mysql://u:hunter2@h/n",
        "postgres://u:hunter2@h",
        "postgres://u:hunter2@h/",
        "postgres:///hunter2",
        "u:hunter2@h/n",
        "jdbc:h2:hunter2",
        "postgres://u:hunter2%zz@h/n"
      })
  void othersAreRefusedWithoutBeingRepeated(String url) {
    assertThatThrownBy(() -> PostgresUrl.parse(url))
        .isInstanceOf(DatabaseUnavailable.class)
        .hasMessageStartingWith("DATABASE_URL: ")
        .hasMessageNotContaining("hunter2")
        .hasNoCause();
  }

  @Test
  void thePasswordIsInNoText() {
    PostgresUrl url = PostgresUrl.parse("jdbc:postgresql://h:1/n?password=hunter2&ssl=true");
    assertThat(url.toString()).isEqualTo("PostgresUrl[h:1/n]");
    assertThat(url.address()).isEqualTo("h:1/n");
    assertThat(DatabaseOptions.of(null, "postgres://u:hunter2@h/n").toString())
        .isEqualTo("DatabaseOptions[PostgreSQL]");
  }
}
