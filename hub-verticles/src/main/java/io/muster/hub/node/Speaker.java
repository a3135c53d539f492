package io.muster.hub.node;

import io.muster.identity.PublicNodeKey;
import io.muster.node.NodeMessage;
import java.util.ArrayDeque;
import java.util.Deque;

/** Who may speak for a node, or is a hub that may speak for several; as {@link NodeGate} knows. */
final class Speaker {
  private static final int MAX_WAITING = 16;

  private final Deque<NodeMessage.Signed> waiting = new ArrayDeque<>();
  private PublicNodeKey key;
  private String instance;
  private String voucher;
  private long lastAt;
  private boolean pending;

  /** It speaks for itself, with this key. */
  void admitted(PublicNodeKey itsKey, String itsInstance) {
    if (!itsInstance.equals(instance) || voucher != null) {
      lastAt = 0;
    }
    key = itsKey;
    instance = itsInstance;
    voucher = null;
  }

  /** A hub speaks for it. */
  void vouched(String hubId, String itsInstance) {
    key = null;
    instance = itsInstance;
    voucher = hubId;
  }

  boolean speaksFor(NodeMessage.Signed message) {
    return key != null
        && key.encoded().equals(message.publicKey())
        && message.instance().equals(instance);
  }

  boolean isVouchedBy(String hubId, String itsInstance) {
    return hubId.equals(voucher) && itsInstance.equals(instance);
  }

  PublicNodeKey key() {
    return key;
  }

  String instance() {
    return instance;
  }

  boolean isKnown() {
    return instance != null;
  }

  /** False for what is not later than all before: it is a repetition. */
  boolean advance(long at) {
    if (at <= lastAt) {
      return false;
    }
    lastAt = at;
    return true;
  }

  boolean isPending() {
    return pending;
  }

  void pending(boolean value) {
    pending = value;
  }

  /** Keeps a message until it is decided whether it counts. */
  void keep(NodeMessage.Signed message) {
    if (waiting.size() < MAX_WAITING) {
      waiting.add(message);
    }
  }

  /** The next of those that were kept, or null. */
  NodeMessage.Signed next() {
    return waiting.poll();
  }
}
