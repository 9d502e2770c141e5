// What the pins of the R-Car H3 are used for. The 60 functions and the names of the groups are those of Linux' pin controller,
// which has more groups. Which pins a group has is a guess, plausible and no more: groups that the H3ULCB board uses side by
// side share none. Some of them are not among the 156 on the chip; here all are.
import type { PinFunctionInput, PinGroupInput } from "../pin.ts";
import { gpioName } from "./pins.ts";

/** Pins by name: `5:10,11` and `1:0-12`, several banks with a space between. */
function pinsOf(text: string): string[] {
  return text.split(" ").flatMap((part) => {
    const [bank = "", numbers = ""] = part.split(":");
    return numbers.split(",").flatMap((range) => {
      const [first = 0, last = first] = range.split("-").map(Number);
      return Array.from({ length: last - first + 1 }, (_, i) => gpioName(Number(bank), first + i));
    });
  });
}

/** The groups of each function with their pins. */
const FUNCTIONS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  audio_clk: { audio_clk_a_a: "6:22", audio_clk_b_b: "6:23", audio_clk_c_a: "5:21", audio_clkout_a: "5:18" },
  avb: {
    avb_link: "2:12",
    avb_magic: "2:10",
    avb_phy_int: "2:11",
    avb_mdio: "1:13 2:9",
    avb_mii: "1:0-12",
    avb_avtp_match_a: "2:13",
    avb_avtp_capture_a: "2:14",
  },
  can0: { can0_data_a: "1:23,24", can0_data_b: "0:8,9" },
  can1: { can1_data: "1:22,26" },
  can_clk: { can_clk: "1:25" },
  canfd0: { canfd0_data_a: "1:23,24", canfd0_data_b: "0:8,9" },
  canfd1: { canfd1_data: "1:22,26" },
  drif0: { drif0_ctrl_a: "6:8,9", drif0_data0_a: "6:10", drif0_data1_a: "6:7" },
  drif1: { drif1_ctrl_a: "6:17,18", drif1_data0_a: "6:19", drif1_data1_a: "6:20" },
  drif2: { drif2_ctrl_a: "6:8,9", drif2_data0_a: "6:7", drif2_data1_a: "6:10" },
  drif3: { drif3_ctrl_a: "6:17,18", drif3_data0_a: "6:19", drif3_data1_a: "6:20" },
  du: {
    du_rgb666: "0:0-15 1:14,15",
    du_rgb888: "0:0-15 1:12-19",
    du_clk_out_0: "1:27",
    du_sync: "1:20,21",
    du_disp: "1:28",
  },
  hscif0: { hscif0_data: "5:13,14", hscif0_clk: "5:12", hscif0_ctrl: "5:15,16" },
  hscif1: { hscif1_data_a: "5:5,6", hscif1_clk_a: "6:21", hscif1_ctrl_a: "5:7,8" },
  hscif2: { hscif2_data_a: "6:8,9", hscif2_clk_a: "6:10", hscif2_ctrl_a: "6:5,6" },
  hscif3: { hscif3_data_a: "1:23,24", hscif3_clk: "1:22", hscif3_ctrl: "1:25,26" },
  hscif4: { hscif4_data_a: "1:12,13", hscif4_clk: "1:11", hscif4_ctrl: "1:14,15" },
  i2c0: { i2c0: "5:21,22" },
  i2c1: { i2c1_a: "5:10,11", i2c1_b: "5:23,24" },
  i2c2: { i2c2_a: "5:0,4", i2c2_b: "3:12,13" },
  i2c3: { i2c3: "2:7,8" },
  i2c5: { i2c5: "2:13,14" },
  i2c6: { i2c6_a: "1:8,11", i2c6_b: "1:24,25" },
  intc_ex: {
    intc_ex_irq0: "2:0",
    intc_ex_irq1: "2:1",
    intc_ex_irq2: "2:2",
    intc_ex_irq3: "2:3",
    intc_ex_irq4: "2:4",
    intc_ex_irq5: "2:5",
  },
  mlb_3pin: { mlb_3pin: "5:23-25" },
  msiof0: {
    msiof0_clk: "5:17",
    msiof0_sync: "5:18",
    msiof0_ss1: "5:19",
    msiof0_txd: "5:20",
    msiof0_rxd: "5:22",
  },
  msiof1: { msiof1_clk_a: "6:8", msiof1_sync_a: "6:9", msiof1_txd_a: "6:7", msiof1_rxd_a: "6:10" },
  msiof2: { msiof2_clk_a: "1:9", msiof2_sync_a: "1:8", msiof2_txd_a: "1:11", msiof2_rxd_a: "1:10" },
  msiof3: { msiof3_clk_a: "0:0", msiof3_sync_a: "0:1", msiof3_txd_a: "0:3", msiof3_rxd_a: "0:2" },
  pwm0: { pwm0: "2:6" },
  pwm1: { pwm1_a: "2:7", pwm1_b: "1:8" },
  pwm2: { pwm2_a: "2:8", pwm2_b: "1:11" },
  pwm3: { pwm3_a: "1:0", pwm3_b: "2:2" },
  pwm4: { pwm4_a: "1:1", pwm4_b: "2:3" },
  pwm5: { pwm5_a: "1:2", pwm5_b: "2:4" },
  pwm6: { pwm6_a: "1:3", pwm6_b: "2:5" },
  qspi0: { qspi0_ctrl: "1:14,15", qspi0_data2: "1:16,17", qspi0_data4: "1:16-19" },
  qspi1: { qspi1_ctrl: "0:10,11", qspi1_data2: "0:12,13", qspi1_data4: "0:12-15" },
  sata0: { sata0_devslp_a: "6:16" },
  scif0: { scif0_data: "5:1,2", scif0_clk: "5:0", scif0_ctrl: "5:3,4" },
  scif1: { scif1_data_a: "5:5,6", scif1_clk: "6:21", scif1_ctrl: "5:7,8" },
  scif2: { scif2_data_a: "5:10,11", scif2_clk: "5:9", scif2_data_b: "5:15,16" },
  scif3: { scif3_data_a: "1:23,24", scif3_clk: "1:22", scif3_ctrl: "1:25,26" },
  scif4: { scif4_data_a: "2:11,12", scif4_clk_a: "2:10", scif4_ctrl_a: "2:13,14" },
  scif5: { scif5_data_a: "6:19,21", scif5_clk_a: "6:20" },
  scif_clk: { scif_clk_a: "6:23", scif_clk_b: "5:9" },
  sdhi0: {
    sdhi0_data1: "3:2",
    sdhi0_data4: "3:2-5",
    sdhi0_ctrl: "3:0,1",
    sdhi0_cd: "3:12",
    sdhi0_wp: "3:13",
  },
  sdhi1: {
    sdhi1_data1: "3:8",
    sdhi1_data4: "3:8-11",
    sdhi1_ctrl: "3:6,7",
    sdhi1_cd: "3:14",
    sdhi1_wp: "3:15",
  },
  sdhi2: {
    sdhi2_data1: "4:2",
    sdhi2_data4: "4:2-5",
    sdhi2_data8: "3:8-11 4:2-5",
    sdhi2_ctrl: "4:0,1",
    sdhi2_ds: "4:6",
  },
  sdhi3: {
    sdhi3_data1: "4:9",
    sdhi3_data4: "4:9-12",
    sdhi3_data8: "4:9-16",
    sdhi3_ctrl: "4:7,8",
    sdhi3_ds: "4:17",
  },
  ssi: {
    ssi0_data: "6:2",
    ssi01239_ctrl: "6:0,1",
    ssi1_data_a: "6:3",
    ssi2_data_a: "6:4",
    ssi3_data: "6:7",
    ssi349_ctrl: "6:5,6",
    ssi4_data: "6:10",
    ssi4_ctrl: "6:8,9",
    ssi5_data: "6:13",
    ssi5_ctrl: "6:11,12",
    ssi6_data: "6:16",
    ssi6_ctrl: "6:14,15",
    ssi7_data: "6:19",
    ssi78_ctrl: "6:17,18",
    ssi8_data: "6:20",
    ssi9_data_a: "6:21",
  },
  tmu: { tmu_tclk1_a: "6:23", tmu_tclk1_b: "5:17", tmu_tclk2_a: "6:19" },
  tpu: { tpu_to0: "6:28", tpu_to1: "6:29", tpu_to2: "6:30", tpu_to3: "6:31" },
  usb0: { usb0: "6:24,25" },
  usb1: { usb1: "6:26,27" },
  usb2: { usb2: "6:14,15" },
  usb2_ch3: { usb2_ch3: "6:30,31" },
  usb30: { usb30: "6:28,29" },
  vin4: {
    vin4_data8_a: "0:8-15",
    vin4_sync: "1:17,18",
    vin4_field: "1:16",
    vin4_clkenb: "1:19",
    vin4_clk: "1:27",
  },
  vin5: {
    vin5_data8: "1:0-7",
    vin5_sync: "1:9,10",
    vin5_field: "1:11",
    vin5_clkenb: "1:20",
    vin5_clk: "1:21",
  },
};

/** What the boot loader leaves behind: the serial console. */
const BOOT_FUNCTIONS: Readonly<Record<string, string>> = { scif2_data_a: "scif2", scif_clk_a: "scif_clk" };

/** Ids from 0 on, in the order of the functions. */
export const RCAR_PIN_GROUPS: readonly PinGroupInput[] = Object.values(FUNCTIONS)
  .flatMap((groups) => Object.entries(groups))
  .map(([name, pins], id) => ({
    id,
    name,
    pins: pinsOf(pins),
    bootFunction: BOOT_FUNCTIONS[name] ?? null,
  }));

/** Ids 0 to 59. */
export const RCAR_PIN_FUNCTIONS: readonly PinFunctionInput[] = Object.entries(FUNCTIONS)
  .map(([name, groups], id) => ({ id, name, groups: Object.keys(groups) }));
