package io.muster.hub.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PublicAddressesTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1",
        "127.9.9.9",
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "100.127.255.255",
        "192.0.0.8",
        "192.0.2.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.9",
        "192.88.99.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "::ffff:10.0.0.1",
        "::127.0.0.1",
        "fe80::1",
        "fc00::1",
        "fd12::1",
        "ff02::1",
        "2001:db8::1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::808:808",
        "2002:7f00:1::",
        "2001::1",
        "2001:20::1",
        "fec0::1",
        "100::1"
      })
  void refusesWhatIsNotEverybodys(String address) throws Exception {
    assertThat(PublicAddresses.holds(InetAddress.getByName(address))).isFalse();
    assertThatThrownBy(() -> PublicAddresses.resolve(address, false))
        .isInstanceOf(UnknownHostException.class)
        .hasMessageContaining("WEBHOOKS_ALLOW_PRIVATE");
    assertThat(PublicAddresses.resolve(address, true)).isNotNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1.1.1.1",
        "8.8.8.8",
        "100.63.0.1",
        "100.128.0.1",
        "172.15.0.1",
        "172.32.0.1",
        "192.0.1.1",
        "193.0.0.1",
        "2606:4700::1111",
        "64:ff9b::808:808",
        "2002:808:808::",
        "[2606:4700::1111]"
      })
  void takesWhatIs(String address) throws Exception {
    assertThat(PublicAddresses.holds(PublicAddresses.resolve(address, false))).isTrue();
  }
}
