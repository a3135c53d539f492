package io.muster.hub.ops;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EndpointTest {
  @ParameterizedTest
  @CsvSource({
    "http://10.0.0.5:3001, http://10.0.0.5:3001",
    "http://10.0.0.5:3001/, http://10.0.0.5:3001",
    "' HTTP://Worker-1:3001 ', http://worker-1:3001",
    "worker-1:3001, http://worker-1:3001",
    "http://worker-1, http://worker-1:80",
    "https://worker-1/base/, https://worker-1:443/base",
    "http://[::1]:3001, http://[::1]:3001",
    "http://not a url, http://not a url",
  })
  void areWrittenAlike(String given, String normal) {
    assertThat(Endpoint.normal(given)).isEqualTo(normal);
  }
}
