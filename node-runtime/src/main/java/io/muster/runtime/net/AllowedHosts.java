package io.muster.runtime.net;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** Hosts that may be reached although they are not public: by name, by address or by range. */
public final class AllowedHosts {
  private static final Pattern LITERAL = Pattern.compile("[0-9.]+|.*:.*");

  private final Set<String> names = new HashSet<>();
  private final List<Range> ranges = new ArrayList<>();

  /**
   * Addresses that begin with the same bits.
   *
   * @param bits how many of them count
   */
  private record Range(byte[] address, int bits) {
    boolean holds(byte[] other) {
      if (other.length != address.length) {
        return false;
      }
      for (int bit = 0; bit < bits; bit++) {
        int mask = 0x80 >> (bit % 8);
        if ((address[bit / 8] & mask) != (other[bit / 8] & mask)) {
          return false;
        }
      }
      return true;
    }
  }

  /**
   * @param entries names, addresses, and ranges such as {@code 10.1.0.0/16}
   * @throws IllegalArgumentException naming the entry that is none of these
   */
  public AllowedHosts(List<String> entries) {
    for (String entry : entries) {
      int slash = entry.indexOf('/');
      String host = slash < 0 ? entry : entry.substring(0, slash);
      if (!LITERAL.matcher(host).matches()) {
        if (slash >= 0) {
          throw wrong(entry);
        }
        names.add(entry.toLowerCase(Locale.ROOT));
      } else {
        ranges.add(range(entry, host, slash));
      }
    }
  }

  private static Range range(String entry, String host, int slash) {
    try {
      byte[] address = InetAddress.getByName(host).getAddress();
      int most = 8 * address.length;
      int bits = slash < 0 ? most : Integer.parseInt(entry.substring(slash + 1));
      if (bits >= 0 && bits <= most) {
        return new Range(address, bits);
      }
    } catch (UnknownHostException | NumberFormatException e) {
      // Said below.
    }
    throw wrong(entry);
  }

  private static IllegalArgumentException wrong(String entry) {
    return new IllegalArgumentException(
        "must hold names, addresses and ranges such as 10.1.0.0/16; this is none: " + entry);
  }

  /**
   * Whether this address may be connected to.
   *
   * @param host by which it was named
   */
  public boolean allows(String host, InetAddress address) {
    return names.contains(host.toLowerCase(Locale.ROOT))
        || ranges.stream().anyMatch(range -> range.holds(address.getAddress()));
  }
}
