# For cases on Linux' IIO: which device is which, and its sample buffer on and off.

IIO=/sys/bus/iio/devices
ACCEL=
GYRO=
for device in $IIO/iio:device*; do
	[ -e "$device/in_accel_x_raw" ] && ACCEL=${device##*/}
	[ -e "$device/in_anglvel_x_raw" ] && GYRO=${device##*/}
done

# start_buffer accel HERTZ: all axes and the timestamp of the accelerometer into its buffer.
start_buffer() {
	directory=$IIO/$ACCEL
	for element in in_$1_x in_$1_y in_$1_z in_timestamp; do
		echo 1 >"$directory/scan_elements/${element}_en"
	done
	echo "$2" >"$directory/in_$1_sampling_frequency"
	echo 64 >"$directory/buffer/length"
	echo 1 >"$directory/buffer/enable"
}

# stop_buffer: ends what start_buffer began.
stop_buffer() {
	echo 0 >"$IIO/$ACCEL/buffer/enable"
}
