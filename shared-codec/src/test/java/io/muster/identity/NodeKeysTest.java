package io.muster.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.util.Base64;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeKeysTest {
  @TempDir Path folder;

  @Test
  void aGeneratedPairProvesItself() {
    NodeKeys keys = NodeKeys.generate();
    KeyProof proof = KeyProof.of(keys, "nonce", "worker-1");

    assertThat(proof.algorithm()).isEqualTo("Ed25519");
    assertThat(proof.verify("nonce", "worker-1").encoded()).isEqualTo(keys.publicKey().encoded());
  }

  @Test
  void aProofIsBoundToNonceNodeAndKey() {
    KeyProof proof = KeyProof.of(NodeKeys.generate(), "nonce", "worker-1");
    KeyProof other = KeyProof.of(NodeKeys.generate(), "nonce", "worker-1");

    assertThatIllegalArgumentException().isThrownBy(() -> proof.verify("another", "worker-1"));
    assertThatIllegalArgumentException().isThrownBy(() -> proof.verify("nonce", "worker-2"));
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new KeyProof(other.publicKey(), proof.algorithm(), proof.signature())
                    .verify("nonce", "worker-1"));
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> new KeyProof(proof.publicKey(), "Ed25519", "?").verify("nonce", "worker-1"));
  }

  @Test
  void aPemIsReadAsItWasWritten() {
    NodeKeys keys = NodeKeys.generate();
    NodeKeys read = NodeKeys.ofPem(keys.toPem());

    assertThat(read.publicKey().encoded()).isEqualTo(keys.publicKey().encoded());
    KeyProof.of(read, "n", "w").verify("n", "w");
  }

  /** RFC 8032, 7.1, test 1. */
  @Test
  void theHalvesOfAnEd25519KeyBelongTogether() {
    String seed = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
    byte[] der = HexFormat.of().parseHex("302e020100300506032b657004220420" + seed);
    NodeKeys keys = NodeKeys.ofPem(pem("PRIVATE KEY", der));

    byte[] spki = Base64.getDecoder().decode(keys.publicKey().encoded());
    assertThat(HexFormat.of().formatHex(spki))
        .endsWith("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
  }

  @Test
  void rsaIsReadInBothForms() throws GeneralSecurityException {
    KeyPair pair = rsa(2048);
    byte[] pkcs8 = pair.getPrivate().getEncoded();
    byte[] pkcs1 = java.util.Arrays.copyOfRange(pkcs8, 26, pkcs8.length);

    NodeKeys modern = NodeKeys.ofPem(pem("PRIVATE KEY", pkcs8));
    NodeKeys traditional = NodeKeys.ofPem("Some words\n" + pem("RSA PRIVATE KEY", pkcs1));

    assertThat(modern.publicKey().algorithm()).isEqualTo(KeyAlgorithm.RSA_SHA256);
    assertThat(traditional.publicKey().encoded()).isEqualTo(modern.publicKey().encoded());
    KeyProof.of(traditional, "n", "w").verify("n", "w");
  }

  @Test
  void whatOpensslMakesIsRead() throws Exception {
    for (String[] command :
        new String[][] {
          {"openssl", "genrsa", "-out", "key.pem", "2048"},
          {"openssl", "genrsa", "-traditional", "-out", "key.pem", "2048"},
          {"openssl", "genpkey", "-algorithm", "ed25519", "-out", "key.pem"}
        }) {
      Process openssl =
          new ProcessBuilder(command)
              .directory(folder.toFile())
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve("log").toFile())
              .start();
      org.junit.jupiter.api.Assumptions.assumeTrue(openssl.waitFor() == 0, "an openssl that can");
      NodeKeys keys = NodeKeys.ofPem(Files.readString(folder.resolve("key.pem")));
      KeyProof.of(keys, "n", "w").verify("n", "w");
    }
  }

  @Test
  void whatIsNoKeyIsRefusedWithoutShowingIt() throws GeneralSecurityException, IOException {
    String weak = pem("PRIVATE KEY", rsa(1024).getPrivate().getEncoded());
    String damaged = NodeKeys.generate().toPem().replaceFirst("M", "A");

    assertThatIllegalArgumentException()
        .isThrownBy(() -> NodeKeys.ofPem(weak))
        .withMessageContaining("2048");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> NodeKeys.ofPem(damaged))
        .withMessageContaining("damaged");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> NodeKeys.ofPem("hunter2"))
        .withMessageNotContaining("hunter2");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> NodeKeys.ofPem(pem("ENCRYPTED PRIVATE KEY", new byte[] {1})))
        .withMessageContaining("encrypted");
  }

  @Test
  void aStrangersKeyIsBounded() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PublicNodeKey.of("Ed25519", "A".repeat(5000)));
    assertThatIllegalArgumentException().isThrownBy(() -> PublicNodeKey.of("MD5", "AAAA"));
    String ed = NodeKeys.generate().publicKey().encoded();
    assertThatIllegalArgumentException().isThrownBy(() -> PublicNodeKey.of("RSA-SHA256", ed));
  }

  @Test
  void theSecretsProofIsBoundToItsChallenge() {
    String proof = KeyProof.ofSecret("secret", "nonce", "worker-1", "");

    assertThat(KeyProof.same(proof, KeyProof.ofSecret("secret", "nonce", "worker-1", ""))).isTrue();
    assertThat(proof).isNotEqualTo(KeyProof.ofSecret("secret", "another", "worker-1", ""));
    assertThat(proof).isNotEqualTo(KeyProof.ofSecret("other", "nonce", "worker-1", ""));
    assertThat(proof).doesNotContain("secret");
  }

  private static KeyPair rsa(int bits) throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(bits);
    return generator.generateKeyPair();
  }

  private static String pem(String kind, byte[] der) {
    return "-----BEGIN "
        + kind
        + "-----\n"
        + new String(Base64.getMimeEncoder().encode(der), StandardCharsets.US_ASCII)
        + "\n-----END "
        + kind
        + "-----\n";
  }
}
