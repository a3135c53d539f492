package io.muster.hub.webhook;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/**
 * Which addresses a webhook may go to: those that anybody on the internet could reach. Whoever may
 * set a webhook must not thereby reach what only this machine or its network can: a metadata
 * service, a database's port, the hub itself.
 */
final class PublicAddresses {
  private PublicAddresses() {}

  /** Whether it is none of loopback, private, link-local, shared, reserved, multicast. */
  static boolean holds(InetAddress address) {
    if (address.isLoopbackAddress()
        || address.isAnyLocalAddress()
        || address.isLinkLocalAddress()
        || address.isSiteLocalAddress()
        || address.isMulticastAddress()) {
      return false;
    }
    byte[] bytes = address.getAddress();
    if (address instanceof Inet4Address) {
      return isPublic4(bytes);
    }
    return address instanceof Inet6Address && isPublic6(bytes);
  }

  private static boolean isPublic4(byte[] bytes) {
    int a = bytes[0] & 0xff;
    int b = bytes[1] & 0xff;
    int c = bytes[2] & 0xff;
    boolean thisNetwork = a == 0;
    boolean privateUse = a == 10 || (a == 172 && b >= 16 && b < 32) || (a == 192 && b == 168);
    boolean shared = a == 100 && b >= 64 && b < 128;
    boolean ietf = a == 192 && b == 0 && (c == 0 || c == 2);
    boolean benchmarks = a == 198 && (b == 18 || b == 19);
    boolean documentation = (a == 198 && b == 51 && c == 100) || (a == 203 && b == 0 && c == 113);
    boolean relay = a == 192 && b == 88 && c == 99;
    boolean reserved = a >= 224;
    return !(thisNetwork
        || privateUse
        || shared
        || ietf
        || benchmarks
        || documentation
        || relay
        || reserved
        || a == 127
        || (a == 169 && b == 254));
  }

  private static boolean isPublic6(byte[] bytes) {
    int first = (bytes[0] & 0xff) << 8 | (bytes[1] & 0xff);
    int second = (bytes[2] & 0xff) << 8 | (bytes[3] & 0xff);
    if (first == 0x64 && second == 0xff9b) {
      // NAT64 leads to an IPv4 address; what is beside its one prefix leads wherever a network
      // says.
      return Arrays.equals(bytes, 4, 12, new byte[8], 0, 8)
          && isPublic4(Arrays.copyOfRange(bytes, 12, 16));
    }
    if (first == 0x2002) {
      return isPublic4(Arrays.copyOfRange(bytes, 2, 6)); // 6to4 too
    }
    boolean globalUnicast = (first & 0xe000) == 0x2000;
    boolean teredo = first == 0x2001 && second == 0;
    boolean orchid = first == 0x2001 && (second & 0xffe0) == 0x20;
    boolean documentation = first == 0x2001 && second == 0x0db8;
    return globalUnicast && !teredo && !orchid && !documentation;
  }

  /**
   * The address to connect to, looked up now: whoever connects by name afterwards may get another.
   *
   * @throws UnknownHostException when there is none, or one of them must not be connected to
   */
  static InetAddress resolve(String host, boolean allowPrivate) throws UnknownHostException {
    String bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    InetAddress[] all = InetAddress.getAllByName(bare);
    for (InetAddress address : all) {
      if (!allowPrivate && !holds(address)) {
        throw new UnknownHostException(
            host + " is a loopback, private or reserved address; see WEBHOOKS_ALLOW_PRIVATE");
      }
    }
    return all[0];
  }
}
