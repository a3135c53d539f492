package io.muster.runtime.net;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * The addresses that anybody on the internet could reach. Whoever may name an address that a node
 * connects to (a webhook, a page to fetch) must not thereby reach what only its machine or network
 * can: a metadata service, a database's port, the hub itself.
 */
public final class PublicAddresses {
  private static final Pattern NUMBER = Pattern.compile("0[xX][0-9a-fA-F]*|[0-9]+");
  private static final Pattern DOTTED_QUAD =
      Pattern.compile("(?:(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(?:\\.(?!$)|$)){4}");

  private PublicAddresses() {}

  /** Whether it is none of loopback, private, link-local, shared, reserved, multicast. */
  public static boolean holds(InetAddress address) {
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
      // NAT64 leads to an IPv4 address; a network's own prefix (64:ff9b:1::/48) to its own.
      return isZero(bytes, 4, 12) && isPublic4(Arrays.copyOfRange(bytes, 12, 16));
    }
    if (first == 0x2002) {
      return isPublic4(Arrays.copyOfRange(bytes, 2, 6)); // 6to4 too
    }
    boolean globalUnicast = (first & 0xe000) == 0x2000;
    // Teredo, ORCHID, benchmarks, anycast of the network's own: 2001::/23
    boolean ietf = first == 0x2001 && second < 0x200;
    boolean documentation =
        (first == 0x2001 && second == 0x0db8) || (first == 0x3fff && second < 0x1000);
    return globalUnicast && !ietf && !documentation;
  }

  private static boolean isZero(byte[] bytes, int from, int to) {
    for (int i = from; i < to; i++) {
      if (bytes[i] != 0) {
        return false;
      }
    }
    return true;
  }

  /**
   * The address to connect to, looked up now: whoever connects by name afterwards may get another.
   * Blocks.
   *
   * @param allowed whether one may be connected to although it is not public
   * @param remedy what allows it, for the error
   * @throws UnknownHostException when there is none, or one of them must not be connected to
   */
  public static InetAddress resolve(String host, Predicate<InetAddress> allowed, String remedy)
      throws UnknownHostException {
    return resolve(host, allowed, PublicAddresses::isOfThisMachine, remedy);
  }

  static InetAddress resolve(
      String host,
      Predicate<InetAddress> allowed,
      Predicate<InetAddress> ofThisMachine,
      String remedy)
      throws UnknownHostException {
    String bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    if (bare.indexOf(':') < 0 && isOddNumber(bare)) {
      throw new UnknownHostException(
          host + " is no name, and an address is written as four numbers from 0 to 255");
    }
    InetAddress[] all = InetAddress.getAllByName(bare);
    for (InetAddress address : all) {
      if (allowed.test(address)) {
        continue;
      }
      if (!holds(address)) {
        throw new UnknownHostException(
            host + " is a loopback, private or reserved address; see " + remedy);
      }
      if (ofThisMachine.test(address)) {
        throw new UnknownHostException(host + " is an address of this machine; see " + remedy);
      }
    }
    return all[0];
  }

  /**
   * Whether one of the machine's own interfaces has it: what a firewall keeps from others is open
   * to the machine itself, at its public address too.
   */
  private static boolean isOfThisMachine(InetAddress address) {
    try {
      return NetworkInterface.getByInetAddress(address) != null;
    } catch (SocketException e) {
      return true;
    }
  }

  /**
   * Whether a host ends in a number without being four plain ones: {@code 2130706433}, {@code
   * 0177.0.0.1}, {@code 0x7f.1}. Some read these as other addresses than others do.
   */
  private static boolean isOddNumber(String host) {
    String name = host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
    String last = name.substring(name.lastIndexOf('.') + 1);
    return NUMBER.matcher(last).matches() && !DOTTED_QUAD.matcher(name).matches();
  }
}
