define void @kernel(ptr %x, ptr %w, ptr %post, ptr %y, i64 %pairs, i64 %rows, i64 %row_step, i64 %wrap_step, i64 %y_channel, i64 %low, i64 %high) {
entry:
  %v1 = getelementptr float, ptr %post, i64 0
  %v2 = load float, ptr %v1, align 4
  %v3 = insertelement <4 x float> poison, float %v2, i64 0
  %v4 = shufflevector <4 x float> %v3, <4 x float> poison, <4 x i32> zeroinitializer
  br label %enter
enter:
  %v5 = icmp sgt i64 %pairs, 0
  br i1 %v5, label %body, label %done
body:
  %pair = phi i64 [0, %enter], [%pair.next, %body]
  %row = phi i64 [1, %enter], [%row.next, %body]
  %xp = phi ptr [%x, %enter], [%xp.next, %body]
  %wp = phi ptr [%w, %enter], [%wp.next, %body]
  %a0_0_0 = phi <4 x float> [%v4, %enter], [%a0_0_0.next, %body]
  %v6 = getelementptr float, ptr %wp, i64 1024
  call void @llvm.prefetch.p0(ptr %v6, i32 0, i32 3, i32 1)
  call void @llvm.codeview.annotation(metadata !0)
  %v7 = getelementptr float, ptr %wp, i64 0
  %v8 = load float, ptr %v7, align 4
  %v9 = insertelement <4 x float> poison, float %v8, i64 0
  %v10 = shufflevector <4 x float> %v9, <4 x float> poison, <4 x i32> zeroinitializer
  %v11 = getelementptr float, ptr %xp, i64 0
  %v12 = load <4 x float>, ptr %v11, align 4
  %v13 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v12, <4 x float> %v10, <4 x float> %a0_0_0)
  %a0_0_0.next = bitcast <4 x float> %v13 to <4 x float>
  %last = icmp eq i64 %row, %rows
  %step = select i1 %last, i64 %wrap_step, i64 %row_step
  %row.one = add i64 %row, 1
  %row.next = select i1 %last, i64 1, i64 %row.one
  %xp.next = getelementptr float, ptr %xp, i64 %step
  %wp.next = getelementptr float, ptr %wp, i64 1
  %pair.next = add i64 %pair, 1
  %more = icmp slt i64 %pair.next, %pairs
  br i1 %more, label %body, label %done
done:
  %v14 = phi <4 x float> [%v4, %enter], [%a0_0_0.next, %body]
  %v15 = fcmp olt <4 x float> %v14, <float 0x0000000000000000, float 0x0000000000000000, float 0x0000000000000000, float 0x0000000000000000>
  %v16 = select <4 x i1> %v15, <4 x float> <float 0x0000000000000000, float 0x0000000000000000, float 0x0000000000000000, float 0x0000000000000000>, <4 x float> %v14
  %v17 = fcmp ogt <4 x float> %v16, <float 0x3FB99999A0000000, float 0x3FB99999A0000000, float 0x3FB99999A0000000, float 0x3FB99999A0000000>
  %v18 = select <4 x i1> %v17, <4 x float> <float 0x3FB99999A0000000, float 0x3FB99999A0000000, float 0x3FB99999A0000000, float 0x3FB99999A0000000>, <4 x float> %v16
  %v19 = mul i64 %y_channel, 0
  %v20 = getelementptr float, ptr %y, i64 %v19
  %v21 = icmp sle i64 %low, 0
  %v22 = icmp sge i64 %high, 4
  %v23 = and i1 %v21, %v22
  br i1 %v23, label %plain, label %masked
plain:
  %v24 = getelementptr float, ptr %v20, i64 0
  store <4 x float> %v18, ptr %v24, align 4
  br label %end
masked:
  %v25 = insertelement <4 x i64> poison, i64 %low, i64 0
  %v26 = shufflevector <4 x i64> %v25, <4 x i64> poison, <4 x i32> zeroinitializer
  %v27 = icmp sge <4 x i64> <i64 0, i64 1, i64 2, i64 3>, %v26
  %v28 = insertelement <4 x i64> poison, i64 %high, i64 0
  %v29 = shufflevector <4 x i64> %v28, <4 x i64> poison, <4 x i32> zeroinitializer
  %v30 = icmp slt <4 x i64> <i64 0, i64 1, i64 2, i64 3>, %v29
  %v31 = and <4 x i1> %v27, %v30
  %v32 = getelementptr float, ptr %v20, i64 0
  call void @llvm.masked.store.v4f32.p0(<4 x float> %v18, ptr %v32, i32 4, <4 x i1> %v31)
  br label %end
end:
  ret void
}
declare <4 x float> @llvm.fma.v4f32(<4 x float>, <4 x float>, <4 x float>)
declare <4 x float> @llvm.masked.load.v4f32.p0(ptr, i32, <4 x i1>, <4 x float>)
declare void @llvm.masked.store.v4f32.p0(<4 x float>, ptr, i32, <4 x i1>)
declare void @llvm.codeview.annotation(metadata)
declare void @llvm.prefetch.p0(ptr, i32, i32, i32)
!0 = !{!""}
