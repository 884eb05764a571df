package talweg.cuda.sim;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** What a driver function needs to be called, and what its failure leaves. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
@interface Rule {
  /** Whether a context must be current on the calling thread. */
  boolean context() default true;

  /** The code while any stream captures; such a call invalidates the capture. 0 if allowed. */
  int whileCapturing() default 0;

  /** Whether an injected failure is reported after the function did its work, as frees do. */
  boolean failsAfterwards() default false;
}
