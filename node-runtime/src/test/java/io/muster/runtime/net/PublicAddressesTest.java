package io.muster.runtime.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.junit.jupiter.api.Test;
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
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::808:808",
        "::ffff:169.254.169.254",
        "::ffff:7f00:1",
        "2002:7f00:1::",
        "2001::1",
        "2001:20::1",
        "2001:2::1",
        "2001:1::1",
        "2001:1ff::1",
        "3fff::1",
        "3fff:fff::1",
        "fec0::1",
        "100::1"
      })
  void refusesWhatIsNotEverybodys(String address) throws Exception {
    assertThat(PublicAddresses.holds(InetAddress.getByName(address))).isFalse();
    assertThatThrownBy(() -> PublicAddresses.resolve(address, any -> false, "A_SETTING"))
        .isInstanceOf(UnknownHostException.class)
        .hasMessageContaining("A_SETTING");
    assertThat(PublicAddresses.resolve(address, any -> true, "A_SETTING")).isNotNull();
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
        "2001:200::1",
        "3fff:1000::1",
        "[2606:4700::1111]"
      })
  void takesWhatIs(String address) throws Exception {
    assertThat(PublicAddresses.holds(PublicAddresses.resolve(address, any -> false, "A_SETTING")))
        .isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "0x7f.0.0.1",
        "127.1",
        "127.0.1",
        "127.0.0.1.",
        "127.0.0.256",
        "8.8.8.08",
        "017700000001",
        "1.1.1.1.1"
      })
  void refusesAddressesThatAreReadInSeveralWays(String host) {
    assertThatThrownBy(() -> PublicAddresses.resolve(host, any -> false, "A_SETTING"))
        .isInstanceOf(UnknownHostException.class);
  }

  @Test
  void refusesThePublicAddressesOfTheMachineItself() throws Exception {
    assertThatThrownBy(
            () -> PublicAddresses.resolve("8.8.8.8", any -> false, any -> true, "A_SETTING"))
        .isInstanceOf(UnknownHostException.class)
        .hasMessage("8.8.8.8 is an address of this machine; see A_SETTING");
    assertThat(PublicAddresses.resolve("8.8.8.8", any -> true, any -> true, "A_SETTING"))
        .isNotNull();
  }

  @Test
  void allowsWhatTheOwnerLists() throws Exception {
    AllowedHosts allowed =
        new AllowedHosts(List.of("wiki.home", "10.1.0.0/16", "::1", "127.0.0.2"));

    assertThat(allowed.allows("Wiki.Home", InetAddress.getByName("192.168.0.9"))).isTrue();
    assertThat(allowed.allows("x", InetAddress.getByName("10.1.255.1"))).isTrue();
    assertThat(allowed.allows("x", InetAddress.getByName("10.2.0.1"))).isFalse();
    assertThat(allowed.allows("x", InetAddress.getByName("::1"))).isTrue();
    assertThat(allowed.allows("x", InetAddress.getByName("127.0.0.2"))).isTrue();
    assertThat(allowed.allows("x", InetAddress.getByName("127.0.0.3"))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"10.0.0.0/33", "10.0.0/8x", "name/8", "1.2.3.4.5"})
  void refusesAListThatMeansNothing(String entry) {
    assertThatThrownBy(() -> new AllowedHosts(List.of(entry)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(entry);
  }
}
