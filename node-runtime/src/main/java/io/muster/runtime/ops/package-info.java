/** What the interfaces for operators of hub and worker have in common. */
package io.muster.runtime.ops;
