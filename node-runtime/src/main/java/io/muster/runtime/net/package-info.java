/** Which addresses of the network a node may be sent to by whoever asks it. */
package io.muster.runtime.net;
