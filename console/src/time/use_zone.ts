// The zone in which this screen says times.
import { browser_zone } from "./zone";

export const use_zone = (): string => browser_zone();
