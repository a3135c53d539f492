package io.muster.runtime.cluster;

import com.hazelcast.cluster.Address;
import com.hazelcast.config.properties.PropertyDefinition;
import com.hazelcast.logging.ILogger;
import com.hazelcast.spi.discovery.AbstractDiscoveryStrategy;
import com.hazelcast.spi.discovery.DiscoveryNode;
import com.hazelcast.spi.discovery.DiscoveryStrategy;
import com.hazelcast.spi.discovery.DiscoveryStrategyFactory;
import com.hazelcast.spi.discovery.SimpleDiscoveryNode;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Tells Hazelcast where members are: only where one answers. Its own list of TCP/IP members waits a
 * full second for each try even when every port refused at once, and looks at three ports a host.
 * Members that were once seen are looked for again, so that a split heals though not every member
 * is named everywhere.
 */
final class MemberSearch implements DiscoveryStrategyFactory {
  private static final int MAX_REMEMBERED = 1000;

  private final List<Seed> seeds;
  private final PortProbe probe;
  private final Set<Seed> remembered = ConcurrentHashMap.newKeySet();

  MemberSearch(List<Seed> seeds, PortProbe probe) {
    this.seeds = List.copyOf(seeds);
    this.probe = probe;
  }

  /** Notes where a member was seen. */
  void remember(Address address) {
    if (remembered.size() < MAX_REMEMBERED) {
      remembered.add(new Seed(address.getHost(), address.getPort(), 1));
    }
  }

  List<Address> find() {
    Set<Seed> places = new LinkedHashSet<>(seeds);
    places.addAll(remembered);
    return probe.members(places);
  }

  @Override
  public Class<? extends DiscoveryStrategy> getDiscoveryStrategyType() {
    return Strategy.class;
  }

  @Override
  @SuppressWarnings("rawtypes") // As Hazelcast declares it.
  public DiscoveryStrategy newDiscoveryStrategy(
      DiscoveryNode node, ILogger logger, Map<String, Comparable> properties) {
    return new Strategy(this, logger, properties);
  }

  @Override
  public List<PropertyDefinition> getConfigurationProperties() {
    return List.of();
  }

  private static final class Strategy extends AbstractDiscoveryStrategy {
    private final MemberSearch search;

    @SuppressWarnings("rawtypes") // As Hazelcast declares it.
    Strategy(MemberSearch search, ILogger logger, Map<String, Comparable> properties) {
      super(logger, properties);
      this.search = search;
    }

    @Override
    public List<DiscoveryNode> discoverNodes() {
      return search.find().stream().<DiscoveryNode>map(SimpleDiscoveryNode::new).toList();
    }
  }
}
